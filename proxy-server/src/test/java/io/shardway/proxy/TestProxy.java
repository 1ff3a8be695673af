package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import io.shardway.router.topology.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * A keyspace of its own on real shards with one or more proxies in this JVM, for integration tests.
 * The keyspace is sharded by {@code user_id}; accounts {@code app}, {@code reader} and {@code
 * admin}, passwords like their names.
 */
public final class TestProxy implements AutoCloseable {

    private static final String OWNER_PASSWORD = "OWNER_PASSWORD";

    /**
     * One certificate for all proxies of a test run: making one takes longer than the rest of a
     * start.
     */
    private static final Path TLS_DIRECTORY = temporaryDirectory();

    private final LocalCluster cluster;
    private final String keyspace;
    private final String zookeeperRoot;
    private final ShardwayProxy proxy;

    private TestProxy(
            LocalCluster cluster,
            String keyspace,
            String zookeeperRoot,
            Map<String, String> settings) {
        this.cluster = cluster;
        this.keyspace = keyspace;
        this.zookeeperRoot = zookeeperRoot;
        this.proxy = ShardwayProxy.start(settings(settings));
    }

    /** A new keyspace on the shared cluster, and a proxy for it. */
    public static TestProxy start() {
        return start(Map.of());
    }

    /**
     * @param settings override the fixture's, such as {@code backend.connections-max}
     */
    public static TestProxy start(Map<String, String> settings) {
        return start(TestCluster.shared(), settings);
    }

    /** On a cluster of the test's own, whose nodes it may kill. */
    public static TestProxy start(LocalCluster cluster, Map<String, String> settings) {
        return start(cluster, settings, shard -> cluster.primary(shard).port());
    }

    /**
     * @param ports where the proxy finds each shard's primary
     */
    static TestProxy start(
            LocalCluster cluster, Map<String, String> settings, IntUnaryOperator ports) {
        String keyspace = "ks" + Long.toString(System.nanoTime(), 36);
        String root = "/" + keyspace;
        for (int shard = 1; shard <= cluster.shardCount(); shard++) {
            execute(cluster.primary(shard), "CREATE DATABASE `" + keyspace + "`");
        }
        try (var client = ZooKeeperClient.connect(zookeeper(cluster, root), Clock.systemUTC())) {
            client.topologyStore().create(topology(cluster, keyspace, ports));
            for (AccountRight right : AccountRight.values()) {
                String name =
                        switch (right) {
                            case READ -> "reader";
                            case WRITE -> "app";
                            case ADMIN -> "admin";
                        };
                client.accountStore()
                        .put(
                                Account.of(
                                        name,
                                        name.getBytes(UTF_8),
                                        AuthPlugin.CACHING_SHA2,
                                        right));
            }
            client.accountStore()
                    .put(
                            Account.of(
                                    "native",
                                    "native".getBytes(UTF_8),
                                    AuthPlugin.NATIVE,
                                    AccountRight.WRITE));
        }
        return new TestProxy(cluster, keyspace, root, settings);
    }

    /** A second proxy on the same keyspace. */
    public TestProxy another(Map<String, String> settings) {
        return new TestProxy(cluster, keyspace, zookeeperRoot, settings);
    }

    private static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory("shardway-test-tls");
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                try {
                                    Files.deleteIfExists(directory.resolve("tls.p12"));
                                    Files.deleteIfExists(directory);
                                } catch (IOException left) {
                                    System.err.println("left behind: " + directory);
                                }
                            }));
            return directory;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static ZooKeeperSettings zookeeper(LocalCluster cluster, String root) {
        return new ZooKeeperSettings(
                cluster.zooKeeper().connectString(),
                root,
                Optional.empty(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5));
    }

    private static Topology topology(
            LocalCluster cluster, String keyspace, IntUnaryOperator ports) {
        var shards = new HashMap<ShardId, Shard>();
        for (int number = 1; number <= cluster.shardCount(); number++) {
            var id = new ShardId("s" + number);
            MySqlNode primary = cluster.primary(number);
            int port = ports.applyAsInt(number);
            var node = new Node(primary.name(), NodeRole.PRIMARY, primary.host(), port);
            shards.put(id, new Shard(id, number, List.of(node)));
        }
        List<ShardId> ids = shards.keySet().stream().sorted().toList();
        var sharded =
                new Keyspace(
                        keyspace,
                        Optional.of("user_id"),
                        Keyspace.DEFAULT_ID_STRIDE,
                        new SchemaEpoch(1),
                        Map.of());
        return new Topology(
                Epoch.NONE, shards, ids.getFirst(), BucketMap.even(ids), Map.of(keyspace, sharded));
    }

    private ProxySettings settings(Map<String, String> overrides) {
        return ProxySettings.load(
                Optional.empty(),
                Map.of(OWNER_PASSWORD, cluster.rootPassword()),
                settingsOf(overrides));
    }

    /**
     * What a further proxy on this keyspace is told; the owner's password comes from the
     * environment.
     */
    Map<String, String> settingsOf(Map<String, String> overrides) {
        var values = new HashMap<String, String>();
        values.put("proxy.name", "proxy-" + Long.toString(System.nanoTime(), 36));
        values.put("frontend.port", "0");
        values.put("frontend.drain-timeout", "1s");
        values.put("frontend.event-loops", "2");
        values.put("zookeeper.connect", cluster.zooKeeper().connectString());
        values.put("zookeeper.root", zookeeperRoot);
        values.put("backend.owner-user", "root");
        values.put("backend.owner-password-env", OWNER_PASSWORD);
        values.put("management.enabled", "false");
        values.put("plan.warm-up", "false");
        values.put("frontend.tls-directory", TLS_DIRECTORY.toString());
        values.putAll(overrides);
        return values;
    }

    public ShardwayProxy proxy() {
        return proxy;
    }

    public LocalCluster cluster() {
        return cluster;
    }

    public String keyspace() {
        return keyspace;
    }

    public String url() {
        return url("");
    }

    /**
     * @param parameters such as {@code useServerPrepStmts=true&rewriteBatchedStatements=true}
     */
    public String url(String parameters) {
        return "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&%s"
                .formatted(proxy.port(), keyspace, parameters);
    }

    public Connection connect() throws SQLException {
        return connect("");
    }

    public Connection connect(String parameters) throws SQLException {
        return DriverManager.getConnection(url(parameters), "app", "app");
    }

    /** The same as soon as what a login needs is not killed. */
    public Connection connectAtLast(String parameters) {
        long end = System.nanoTime() + NodeSide.BOUND.toNanos();
        while (true) {
            try {
                return connect(parameters);
            } catch (SQLException notYet) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("no login for " + NodeSide.BOUND, notYet);
                }
            }
        }
    }

    /** To another keyspace; empty for none. */
    public Connection connectTo(String other, String parameters) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&%s"
                        .formatted(proxy.port(), other, parameters);
        return DriverManager.getConnection(url, "app", "app");
    }

    public Connection connectAsAdmin() throws SQLException {
        return DriverManager.getConnection(url(), "admin", "admin");
    }

    /** As it stands in ZooKeeper. */
    Topology topology() {
        try (var client =
                ZooKeeperClient.connect(zookeeper(cluster, zookeeperRoot), Clock.systemUTC())) {
            return client.topologyStore().read();
        }
    }

    /** Directly on a shard's primary, in the keyspace's schema; shards count from 1. */
    public Connection onShard(int shard) throws SQLException {
        return cluster.primary(shard).connect(keyspace);
    }

    /** A key whose bucket the shard owns; each {@code n} gives another one. */
    public long keyOn(int shard, int n) {
        int found = 0;
        for (long key = 1; ; key++) {
            int bucket = Bucket.numberOf(key);
            if (bucket * cluster.shardCount() / Bucket.COUNT == shard - 1 && found++ == n) {
                return key;
            }
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void execute(MySqlNode node, String sql) {
        try (Connection connection = node.connect()) {
            run(connection, sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }

    @Override
    public void close() {
        proxy.close();
    }
}
