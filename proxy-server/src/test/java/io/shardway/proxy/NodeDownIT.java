package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cluster.LocalCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole node is killed, or hangs, and comes back. */
@Timeout(120)
class NodeDownIT {

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "frontend.event-loops",
                    "1",
                    "backend.acquire-timeout",
                    "1s",
                    "backend.connect-timeout",
                    "1s",
                    "backend.fenced-hold-max",
                    "2s");

    private static LocalCluster cluster;
    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;
    private static long lostKey;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        cluster = LocalCluster.builder().shards(2).replicas(0).start();
        proxy = TestProxy.start(cluster, SETTINGS);
        nodes = new NodeSide(proxy);
        key = proxy.keyOn(1, 0);
        lostKey = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + key + ", 0)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + lostKey + ", 0)");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
        cluster.close();
    }

    @AfterEach
    void restore() {
        threads.close();
        cluster.nodes()
                .forEach(node -> {
                    if (node.isRunning()) {
                        node.resume();
                    } else {
                        node.start();
                    }
                });
        NodeSide.until(
                "all pools recover",
                () -> nodes.pools().stream().allMatch(pool -> pool.lastError().isEmpty()));
        nodes.awaitClean();
    }

    private static String described(Connection connection, String column) throws SQLException {
        return SideBySide.describe(
                connection,
                "SELECT %s FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s'"
                        .formatted(column, proxy.keyspace()));
    }

    @Test
    void servesTheOtherShardWhileANodeIsDeadAndRecovers() throws Exception {
        try (Connection connection = proxy.connect();
                Connection waiting = proxy.connect();
                Connection root = proxy.onShard(2);
                Statement lock = root.createStatement()) {
            root.setAutoCommit(false);
            lock.executeQuery("SELECT * FROM users WHERE user_id = " + lostKey + " FOR UPDATE")
                    .close();
            Future<Integer> write = threads.submit(() -> add(waiting, lostKey));
            nodes.awaitRunning(2, "UPDATE users%");
            cluster.primary(2).kill();
            assertThatThrownBy(() -> write.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-4003");
            assertThat(read(connection, key)).isNotNegative();
            assertThat(add(connection, key)).isEqualTo(1);
            assertThatThrownBy(() -> read(connection, lostKey)).hasMessageContaining("SW-4001");
            assertThatThrownBy(() -> add(waiting, lostKey)).hasMessageContaining("SW-4001");
            assertThat(read(waiting, key)).isPositive();
            // A sum without a shard would be wrong; what no sum is needed for is told.
            assertThat(described(connection, "TABLE_ROWS")).contains("SW-4001");
            assertThat(described(connection, "TABLE_NAME")).contains("|users, ");
            cluster.primary(2).start();
            NodeSide.until(
                    "the pool finds out by itself", () -> nodes.pool(2).lastError().isEmpty());
            assertThat(read(connection, lostKey)).isNotNegative();
            NodeSide.until(
                    "sizes are told again",
                    () -> described(connection, "TABLE_ROWS").contains("|"));
        } catch (SQLException closingRoot) {
            assertThat(closingRoot.getMessage()).doesNotContain("SW-");
        }
    }

    @Test
    void servesTheOtherShardWhileANodeHangs() throws Exception {
        try (Connection connection = proxy.connect();
                Connection waiting = proxy.connect()) {
            assertThat(read(waiting, lostKey)).isNotNegative();
            cluster.primary(2).suspend();
            Future<Integer> hangs;
            try {
                hangs = threads.submit(() -> read(waiting, lostKey));
                for (int i = 0; i < 20; i++) {
                    assertThat(add(connection, key)).isEqualTo(1);
                }
                // The one idle connection is taken by who hangs; others need a new one, which does
                // not
                // come.
                NodeSide.until("a statement hangs", () -> nodes.pool(2).leased() > 0);
                try (Connection another = proxy.connect()) {
                    assertThatThrownBy(
                                    () -> {
                                        for (int i = 0; i < 10; i++) {
                                            if (nodes.pool(2).idle() == 0) {
                                                read(another, lostKey);
                                            }
                                        }
                                    })
                            .hasMessageContaining("SW-4001");
                    assertThat(read(another, key)).isPositive();
                }
                assertThat(hangs.isDone()).isFalse();
            } finally {
                cluster.primary(2).resume();
            }
            assertThat(hangs.get(20, TimeUnit.SECONDS)).isNotNegative();
        }
    }

    @Test
    void startsWithoutANodeThatIsNotTheDefaultShards() throws Exception {
        cluster.primary(2).kill();
        try (TestProxy late = proxy.another(SETTINGS)) {
            var lateNodes = new NodeSide(late);
            try (Connection connection = late.connect()) {
                assertThat(add(connection, key)).isEqualTo(1);
                assertThatThrownBy(() -> read(connection, lostKey)).hasMessageContaining("SW-4001");
                cluster.primary(2).start();
                NodeSide.until(
                        "it makes its account there and recovers",
                        () -> lateNodes.pool(2).lastError().isEmpty());
                assertThat(read(connection, lostKey)).isNotNegative();
                assertThat(add(connection, lostKey)).isEqualTo(1);
            }
        }
    }

    @Test
    void refusesToStartWithoutTheDefaultShard() {
        cluster.primary(1).kill();
        assertThatThrownBy(() -> proxy.another(new HashMap<>(SETTINGS)))
                .hasMessageContaining("SW-4001")
                .hasMessageContaining(cluster.primary(1).name());
        cluster.primary(1).start();
    }

    private static int read(Connection connection, long user) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT n FROM users WHERE user_id = " + user)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static int add(Connection connection, long user) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE users SET n = n + 1 WHERE user_id = " + user);
        }
    }
}
