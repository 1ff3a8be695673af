package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
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

/** Answers that are lost or do not come, though what was asked for is done. */
class ReferenceDoubtIT {

    private static final String WRITE = "UPDATE countries SET people = people + 1";

    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        proxy = TestProxy.start(Map.of("reference.write-timeout", "3s"));
        copies = new ReferenceCopiesSide(proxy);
        nodes = new NodeSide(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void table() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS countries");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, people INT)"
                            + " COMMENT 'shardway:reference'");
            run(client, "INSERT INTO countries (code, people) VALUES (1, 1)");
        }
    }

    @AfterEach
    void end() throws SQLException {
        threads.close();
        try (Connection node = proxy.onShard(1)) {
            run(node, "SET GLOBAL binlog_group_commit_sync_delay = 0");
        }
        nodes.awaitClean();
    }

    private static Object run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "done";
        }
    }

    @Test
    void aDecidingCommitThatIsDoneAndWhoseAnswerIsLostIsNoFailure() throws Exception {
        try (Connection client = proxy.connect();
                Connection node = proxy.onShard(1)) {
            // The commit stands in the binlog's queue, where KILL takes the connection only.
            run(node, "SET GLOBAL binlog_group_commit_sync_delay = 1000000");
            Future<?> write = threads.submit(() -> run(client, WRITE));
            nodes.kill(1, nodes.awaitRunning(1, "COMMIT%"));
            assertThat(write.get()).isEqualTo("done");
        }
        assertThat(copies.assertEqual("countries")).containsExactly("1|2");
    }

    @Test
    void anotherShardsCommitThatDoesNotEndIsNamedAndTheCopyNotReadMeanwhile() throws Exception {
        try (Connection client = proxy.connect();
                Connection node = proxy.onShard(2)) {
            run(node, "FLUSH TABLES WITH READ LOCK");
            assertThatThrownBy(() -> run(client, WRITE))
                    .hasMessageContaining("SW-4")
                    .hasMessageNotContaining("SW-4053");
            run(node, "UNLOCK TABLES");
        }
        NodeSide.until("it can be written", () -> isWritten());
        try (Connection client = proxy.connect();
                Connection first = proxy.onShard(1);
                Connection node = proxy.onShard(2)) {
            run(node, "BEGIN");
            run(node, "SELECT * FROM countries FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, WRITE));
            nodes.awaitRunning(2, "UPDATE countries%");
            run(first, "FLUSH TABLES WITH READ LOCK");
            run(node, "ROLLBACK");
            nodes.awaitRunning(1, "COMMIT%");
            run(node, "FLUSH TABLES WITH READ LOCK");
            run(first, "UNLOCK TABLES");
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4053")
                    .hasMessageContaining("s2");
            assertThatThrownBy(() -> run(client, WRITE)).hasMessageContaining("SW-4052");
            run(node, "UNLOCK TABLES");
            NodeSide.until("it can be written", () -> isWritten());
        }
        assertThat(copies.assertEqual("countries")).containsExactly("1|4");
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
