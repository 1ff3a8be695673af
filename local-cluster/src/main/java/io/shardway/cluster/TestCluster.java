package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/**
 * One cluster that all integration tests of a JVM share: two shards with a replica each.
 * Thread-safe; test support on purpose in main code, as every module's tests use it.
 *
 * <p>It is started when first asked for and stopped when the JVM ends. A test works in a database
 * and a ZooKeeper path of its own and leaves servers as it found them; one that stops or kills
 * nodes starts them again, or has a {@link LocalCluster} of its own.
 */
public final class TestCluster {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int SESSION_MILLIS = 10_000;
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private TestCluster() {}

    private static final class Holder {
        static final LocalCluster CLUSTER =
                LocalCluster.builder()
                        .shards(2)
                        .replicas(1)
                        .localInfile(true)
                        .output(line -> System.err.println("test cluster: " + line))
                        .start();
    }

    /** The cluster, started now if it is not there yet. */
    public static LocalCluster shared() {
        return Holder.CLUSTER;
    }

    /** Creates an empty database under a new name on every node, and returns the name. */
    public static String freshDatabase() {
        String name = "test_" + COUNTER.incrementAndGet();
        String quoted = SqlText.identifier(name);
        onPrimaries("DROP DATABASE IF EXISTS " + quoted, "CREATE DATABASE " + quoted);
        return name;
    }

    /** Drops databases on every node; names that are not there are no mistake. */
    public static void drop(String... databases) {
        for (String database : databases) {
            onPrimaries("DROP DATABASE IF EXISTS " + SqlText.identifier(database));
        }
    }

    /** Drops all databases and accounts that tests have made, on every node. */
    public static void clean() {
        try {
            for (MySqlNode primary : shared().primaries()) {
                for (String database : userDatabases(primary)) {
                    primary.execute("DROP DATABASE " + SqlText.identifier(database));
                }
                for (String account : userAccounts(primary)) {
                    primary.execute("DROP USER " + account);
                }
            }
            shared().awaitReplication(BOUND);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Creates an empty path and returns a connect string to which that path is the root. */
    public static String freshZooKeeperRoot() {
        String server = shared().zooKeeper().connectString();
        String path = "/test-" + COUNTER.incrementAndGet();
        try {
            createPath(server, path);
            return server + path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (KeeperException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterProblem("Interrupted while waiting for ZooKeeper.", e);
        }
    }

    private static void createPath(String server, String path)
            throws IOException, KeeperException, InterruptedException {
        var connected = new CountDownLatch(1);
        var client =
                new ZooKeeper(
                        server,
                        SESSION_MILLIS,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        });
        try {
            if (!connected.await(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                throw new ClusterProblem("ZooKeeper does not answer.");
            }
            client.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        } finally {
            client.close();
        }
    }

    private static void onPrimaries(String... statements) {
        try {
            for (MySqlNode primary : shared().primaries()) {
                primary.execute(statements);
            }
            shared().awaitReplication(BOUND);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> userDatabases(MySqlNode node) throws SQLException {
        return firstColumn(
                node,
                """
                SELECT schema_name FROM information_schema.schemata WHERE schema_name
                    NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
                """);
    }

    private static List<String> userAccounts(MySqlNode node) throws SQLException {
        return firstColumn(
                node,
                """
                SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user
                    WHERE user NOT LIKE 'mysql.%' AND user NOT IN ('root', 'shardway_replication')
                """);
    }

    private static List<String> firstColumn(MySqlNode node, String query) throws SQLException {
        try (Connection connection = node.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            var values = new ArrayList<String>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
