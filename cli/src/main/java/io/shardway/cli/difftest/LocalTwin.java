package io.shardway.cli.difftest;

import io.shardway.cli.ProxyStart;
import io.shardway.cli.RunningProxy;
import io.shardway.cli.demo.DemoTopology;
import io.shardway.cli.demo.LocalProxy;
import io.shardway.cli.demo.OwnerAccount;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.difftest.AwkwardTables;
import io.shardway.difftest.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Servers of our own with a proxy in this JVM, and a schema on the first of them that clients reach
 * directly. {@link #close} may come from another thread; the rest belongs to one.
 */
final class LocalTwin implements Site, AutoCloseable {

    private static final String SCHEMA = "direct";

    private final Deque<Runnable> stops = new ArrayDeque<>();
    private final MySqlNode node;
    private final RunningProxy proxy;

    private LocalTwin(LocalCluster cluster, Path directory) throws SQLException, IOException {
        stops.push(cluster::close);
        this.node = cluster.primary(1);
        OwnerAccount owner = LocalProxy.prepare(cluster);
        Path password = directory.resolve("owner-password");
        Files.writeString(password, owner.password());
        this.proxy =
                ProxyStart.start(
                        LocalProxy.settings(
                                cluster,
                                password,
                                Map.of("frontend.port", "0", "proxy.name", "difftest")));
        stops.push(proxy::close);
        node.execute("CREATE DATABASE " + SCHEMA);
    }

    static LocalTwin start(int shards, long rows, Path directory, Consumer<String> output)
            throws SQLException, IOException {
        LocalCluster cluster =
                LocalCluster.builder()
                        .shards(shards)
                        .replicas(0)
                        .stopAtJvmEnd(true)
                        .output(output)
                        .start();
        LocalTwin twin;
        try {
            twin = new LocalTwin(cluster, directory);
        } catch (SQLException | IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
        try {
            twin.fill(rows);
            return twin;
        } catch (SQLException | RuntimeException e) {
            twin.close();
            throw e;
        }
    }

    private void fill(long rows) throws SQLException {
        for (Connection connection : List.of(direct(""), proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (String sql : AwkwardTables.definitions()) {
                    statement.execute(sql);
                }
                for (String sql : AwkwardTables.rows(rows)) {
                    statement.execute(sql);
                }
            }
        }
    }

    @Override
    public Connection direct(String parameters) throws SQLException {
        return connect(node.port(), SCHEMA, parameters, "root", node.rootPassword());
    }

    @Override
    public Connection proxied(String parameters) throws SQLException {
        return connect(proxy.port(), DemoTopology.KEYSPACE, parameters, "app", "app");
    }

    @Override
    public Connection admin() throws SQLException {
        return connect(proxy.port(), DemoTopology.KEYSPACE, "", "admin", "admin");
    }

    private static Connection connect(
            int port, String schema, String parameters, String user, String password)
            throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?sslMode=DISABLED&allowPublicKeyRetrieval=true&%s"
                        .formatted(port, schema, parameters);
        return DriverManager.getConnection(url, user, password);
    }

    @Override
    public String schema() {
        return SCHEMA;
    }

    @Override
    public String keyspace() {
        return DemoTopology.KEYSPACE;
    }

    @Override
    public void close() {
        synchronized (stops) {
            for (Runnable stop = stops.poll(); stop != null; stop = stops.poll()) {
                stop.run();
            }
        }
    }
}
