package io.shardway.cli.bench;

import io.shardway.cli.demo.DemoTopology;
import io.shardway.cli.demo.LocalProxy;
import io.shardway.cli.demo.OwnerAccount;
import io.shardway.cli.init.ZooKeeperAccess;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A cluster of our own: one shard without replicas, so that every way leads to the same rows on the
 * same server. Shardway does all it does with many shards; HAProxy and Shardway each are a process
 * of their own.
 */
final class LocalSite {

    private static final Target.Account DIRECT = new Target.Account("bench", "bench");
    private static final Target.Account APP = new Target.Account("app", "app");

    private LocalSite() {}

    static BenchSite start(
            Path directory,
            List<String> names,
            BenchTables tables,
            Optional<Path> profile,
            PrintWriter progress)
            throws SQLException, IOException {
        LocalCluster cluster =
                LocalCluster.builder()
                        .shards(1)
                        .replicas(0)
                        .extraArguments("--innodb-buffer-pool-size=256M", "--max-connections=2000")
                        .output(progress::println)
                        .start();
        MySqlNode node = cluster.primary(1);
        var processes = List.of(new Target.WatchedProcess("mysqld", node.pid()));
        var direct = new Target(Target.DIRECT, node.host(), node.port(), DIRECT, processes);
        var site = new BenchSite(direct, DemoTopology.KEYSPACE);
        site.onClose(cluster::close);
        try {
            prepare(cluster, node);
            addTargets(site, direct, names, directory, cluster, profile);
            defineAndFill(site, tables);
            return site;
        } catch (SQLException | IOException | RuntimeException e) {
            site.close();
            throw e;
        }
    }

    private static void prepare(LocalCluster cluster, MySqlNode node) throws SQLException {
        try (var store =
                ZooKeeperAccess.open(
                        cluster.zooKeeper().connectString(), LocalProxy.ROOT, Optional.empty())) {
            DemoTopology.write(store, cluster);
        }
        node.execute(
                "CREATE USER bench@'%' IDENTIFIED BY 'bench'",
                "GRANT ALL ON " + DemoTopology.KEYSPACE + ".* TO bench@'%'");
    }

    private static void addTargets(
            BenchSite site,
            Target direct,
            List<String> names,
            Path directory,
            LocalCluster cluster,
            Optional<Path> profile)
            throws SQLException, IOException {
        SiteOptions.addDirectAndHaProxy(site, direct, names, directory);
        if (names.contains(Target.SHARDWAY)) {
            var owner = OwnerAccount.random();
            owner.createOn(cluster.primary(1));
            int port = Ports.free();
            Path config = directory.resolve("proxy.yaml");
            Path password = directory.resolve("owner-password");
            Files.writeString(password, owner.password());
            Files.writeString(config, configuration(cluster, port, password));
            var proxy = ProxyProcess.start(directory, config, port, profile);
            site.onClose(proxy::close);
            site.add(
                    new Target(
                            Target.SHARDWAY,
                            "127.0.0.1",
                            port,
                            APP,
                            proxy.watchedBefore(direct.processes())));
        }
    }

    /** A proxy's, without anything that is settled elsewhere. */
    static String configuration(LocalCluster cluster, int port, Path password) {
        return """
        frontend:
          host: 127.0.0.1
          port: %d
        zookeeper:
          connect: "%s"
          root: %s
        backend:
          tls: disabled
          owner-user: %s
          owner-password-file: %s
        management:
          port: 0
        """
                .formatted(
                        port,
                        cluster.zooKeeper().connectString(),
                        LocalProxy.ROOT,
                        OwnerAccount.USER,
                        password);
    }

    /**
     * Through Shardway if it is there, because it must know the tables; the rows go in directly.
     */
    private static void defineAndFill(BenchSite site, BenchTables tables) throws SQLException {
        boolean shardway =
                site.targets().stream().anyMatch(each -> each.name().equals(Target.SHARDWAY));
        try (var connection = shardway ? site.connect(site.shardway()) : site.connectDirectly()) {
            tables.define(connection);
        }
        try (var connection = site.connectDirectly()) {
            tables.fill(connection);
        }
    }
}
