package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cluster.LocalCluster;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole node dies in the middle of a statement that writes on two shards, and comes back. */
@Timeout(180)
class SpreadNodesIT {

    private static final String WRITE = "UPDATE users SET n = 1";

    private static LocalCluster cluster;
    private static TestProxy proxy;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        cluster = LocalCluster.builder().shards(2).replicas(0).start();
        proxy =
                TestProxy.start(
                        cluster,
                        Map.of(
                                "session.transaction-mode", "best-effort",
                                "backend.acquire-timeout", "1s",
                                "backend.connect-timeout", "1s",
                                "backend.fenced-hold-max", "2s"));
        nodes = new NodeSide(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
        cluster.close();
    }

    @BeforeEach
    void rows() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS users");
            run(client, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
            run(
                    client,
                    "INSERT INTO users VALUES (%d, 0), (%d, 0)"
                            .formatted(proxy.keyOn(1, 0), proxy.keyOn(2, 0)));
        }
    }

    @AfterEach
    void restore() {
        threads.close();
        nodes.awaitClean();
    }

    private static Object run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "done";
        }
    }

    private static int stored(int shard) throws SQLException {
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement();
                ResultSet row = statement.executeQuery("SELECT n FROM users")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void aNodeThatDiesWhileItExecutesTakesBackTheOther() throws Exception {
        try (Connection client = proxy.connect();
                Connection lock = proxy.onShard(2)) {
            run(lock, "BEGIN");
            run(lock, "SELECT * FROM users FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, WRITE));
            nodes.awaitRunning(2, "UPDATE users%");
            cluster.primary(2).kill();
            assertThatThrownBy(write::get).hasMessageContaining("SW-4002");
            assertThat(stored(1)).isZero();
            assertThatThrownBy(() -> run(client, WRITE)).hasMessageContaining("SW-4001");
            assertThat(stored(1)).isZero();
        } finally {
            cluster.primary(2).start();
        }
        assertThat(stored(2)).isZero();
        NodeSide.until("it can be written", SpreadNodesIT::isWritten);
        assertThat(stored(1)).isEqualTo(1);
        assertThat(stored(2)).isEqualTo(1);
    }

    @Test
    void aNodeThatDiesBetweenTwoCommitsIsNamed() throws Exception {
        try (Connection client = proxy.connect();
                Connection lock = proxy.onShard(2);
                Connection first = proxy.onShard(1)) {
            run(lock, "BEGIN");
            run(lock, "SELECT * FROM users FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, WRITE));
            nodes.awaitRunning(2, "UPDATE users%");
            run(first, "FLUSH TABLES WITH READ LOCK");
            run(lock, "ROLLBACK");
            nodes.awaitRunning(1, "COMMIT%");
            cluster.primary(2).kill();
            run(first, "UNLOCK TABLES");
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: s1; not committed: ");
            assertThat(stored(1)).isEqualTo(1);
        } finally {
            cluster.primary(2).start();
        }
        assertThat(stored(2)).isZero();
        NodeSide.until("it can be written", SpreadNodesIT::isWritten);
        assertThat(stored(2)).isEqualTo(1);
    }

    @Test
    void nodesWithOtherTimeZonesAreNotWrittenTogether() throws Exception {
        String insert =
                "INSERT INTO users (user_id, n) VALUES (%d, HOUR(NOW())), (%d, HOUR(NOW()))"
                        .formatted(proxy.keyOn(1, 1), proxy.keyOn(2, 1));
        try (Connection client = proxy.connect();
                Connection root = cluster.primary(2).connect()) {
            run(root, "SET GLOBAL time_zone = '+05:30'");
            closeConnections(root);
            assertThatThrownBy(() -> run(client, insert)).hasMessageContaining("SW-4010");
            assertThatThrownBy(() -> run(client, "UPDATE users SET n = HOUR(NOW())"))
                    .hasMessageContaining("SW-4010");
            run(client, "SET time_zone = '+01:00'");
            run(client, insert);
            run(client, "SET time_zone = DEFAULT");
            run(root, "SET GLOBAL time_zone = SYSTEM");
            closeConnections(root);
        }
        NodeSide.until("it can be written", SpreadNodesIT::isWritten);
    }

    /** So that new ones take the node's settings up. */
    private static void closeConnections(Connection root) throws SQLException {
        try (Statement statement = root.createStatement();
                Statement kill = root.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT ID FROM information_schema.PROCESSLIST WHERE USER LIKE"
                                        + " 'shardway%' AND COMMAND = 'Sleep'")) {
            while (row.next()) {
                try {
                    kill.execute("KILL " + row.getLong(1));
                } catch (SQLException gone) {
                    assertThat(gone.getErrorCode()).isEqualTo(1094);
                }
            }
        }
    }

    private static boolean isWritten() {
        try (Connection client = proxy.connect()) {
            run(client, WRITE);
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }
}
