package io.shardway.cli.bench;

import io.shardway.cli.demo.DemoTopology;
import io.shardway.cli.demo.LocalProxy;
import io.shardway.cli.demo.OwnerAccount;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two shards, and Shardway as a process of its own before them. One thread. */
final class SpreadSite implements AutoCloseable {

    static final int SHARDS = 2;

    private static final String PARAMETERS =
            "?sslMode=DISABLED&allowPublicKeyRetrieval=true&rewriteBatchedStatements=true"
                    + "&allowLoadLocalInfile=true";

    private final LocalCluster cluster;
    private final ChildProcess proxy;
    private final int port;
    private final SpreadOwners owners;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private SpreadSite(LocalCluster cluster, ChildProcess proxy, int port, SpreadOwners owners) {
        this.cluster = cluster;
        this.proxy = proxy;
        this.port = port;
        this.owners = owners;
    }

    static SpreadSite start(
            Path directory, BenchTables tables, Optional<Path> profile, PrintWriter progress)
            throws SQLException, IOException {
        LocalCluster cluster =
                LocalCluster.builder()
                        .shards(SHARDS)
                        .replicas(0)
                        .extraArguments(
                                "--innodb-buffer-pool-size=256M",
                                "--max-connections=500",
                                "--local-infile=ON")
                        .output(progress::println)
                        .start();
        try {
            return start(cluster, directory, tables, profile);
        } catch (SQLException | IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static SpreadSite start(
            LocalCluster cluster, Path directory, BenchTables tables, Optional<Path> profile)
            throws SQLException, IOException {
        OwnerAccount owner = LocalProxy.prepare(cluster);
        int port = Ports.free();
        Path config = directory.resolve("spread.yaml");
        Path password = directory.resolve("spread-owner-password");
        Files.writeString(password, owner.password());
        Files.writeString(
                config,
                LocalSite.configuration(cluster, port, password)
                        + "session:\n  transaction-mode: best-effort\n");
        var proxy = ProxyProcess.start(directory, config, port, profile);
        var site = new SpreadSite(cluster, proxy, port, new SpreadOwners(SHARDS, tables.users()));
        try (Connection connection = site.proxied()) {
            tables.define(connection);
            tables.fill(connection);
            return site;
        } catch (SQLException | RuntimeException e) {
            proxy.close();
            throw e;
        }
    }

    SpreadSession throughShardway() throws SQLException {
        return new ThroughShardway(proxied(), owners);
    }

    SpreadSession byHand() throws SQLException {
        var nodes = new ArrayList<Connection>();
        for (MySqlNode primary : cluster.primaries()) {
            nodes.add(connect(primary.port(), "root", primary.rootPassword()));
        }
        return new ByHand(nodes, owners, threads);
    }

    private Connection proxied() throws SQLException {
        return connect(port, "app", "app");
    }

    private static Connection connect(int port, String user, String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:%d/%s%s".formatted(port, DemoTopology.KEYSPACE, PARAMETERS),
                user,
                password);
    }

    void emptyInserts() throws SQLException {
        try (Connection connection = proxied()) {
            BenchTables.emptyInserts(connection);
        }
    }

    /** The proxy alone. */
    List<Target.WatchedProcess> watched() {
        return proxy.watchedBefore(List.of());
    }

    @Override
    public void close() {
        threads.close();
        proxy.close();
        cluster.close();
    }
}
