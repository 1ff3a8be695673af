package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cluster.LocalCluster;
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
import org.junit.jupiter.api.Timeout;

/** A whole node dies in the middle of a write of a reference table, and comes back. */
@Timeout(180)
class ReferenceNodesIT {

    private static final String WRITE = "UPDATE countries SET people = 7";

    private static LocalCluster cluster;
    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        cluster = LocalCluster.builder().shards(2).replicas(0).start();
        proxy =
                TestProxy.start(
                        cluster,
                        Map.of(
                                "backend.acquire-timeout", "1s",
                                "backend.connect-timeout", "1s",
                                "backend.fenced-hold-max", "2s",
                                "reference.write-timeout", "3s"));
        copies = new ReferenceCopiesSide(proxy);
        nodes = new NodeSide(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
        cluster.close();
    }

    @BeforeEach
    void table() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS countries");
            run(client, "DROP TABLE IF EXISTS visits");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, people INT)"
                            + " COMMENT 'shardway:reference'");
            run(client, "CREATE TABLE visits (user_id BIGINT NOT NULL PRIMARY KEY, code INT)");
            run(client, "INSERT INTO visits VALUES (" + proxy.keyOn(2, 0) + ", 1)");
            run(client, "INSERT INTO countries (code, people) VALUES (1, 1), (2, 2)");
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

    private static boolean isRead(Connection client) {
        try {
            return !joined(client).isEmpty();
        } catch (SQLException fenced) {
            return false;
        }
    }

    private static String joined(Connection client) throws SQLException {
        return String.join(
                ",",
                ReferenceCopiesSide.rows(
                        client,
                        "SELECT people FROM visits JOIN countries USING (code) WHERE user_id = "
                                + proxy.keyOn(2, 0)));
    }

    @Test
    void aShardThatIsAwayStopsWritesAndIsNotReadBeforeItIsKnownToBeCurrent() throws Exception {
        try (Connection client = proxy.connect()) {
            cluster.primary(2).kill();
            assertThatThrownBy(() -> run(client, WRITE)).hasMessageContaining("SW-4001");
            assertThat(ReferenceCopiesSide.rows(client, "SELECT MAX(people) FROM countries"))
                    .containsExactly("2");
            cluster.primary(2).start();
            NodeSide.until("the copy is read", () -> isRead(client));
            assertThat(copies.assertEqual("countries")).containsExactly("1|1", "2|2");
            NodeSide.until("it is written", () -> isWritten(client));
            assertThat(copies.assertEqual("countries")).containsExactly("1|7", "2|7");
        }
    }

    private static boolean isWritten(Connection client) {
        try {
            run(client, WRITE);
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }

    @Test
    void aShardThatDiesBeforeItsCommitIsNamedAndRepairedWhenItIsBack() throws Exception {
        try (Connection client = proxy.connect();
                Connection first = proxy.onShard(1)) {
            Future<?> write = decidingWrite(client, first);
            cluster.primary(2).kill();
            run(first, "UNLOCK TABLES");
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4053")
                    .hasMessageContaining("s2");
            assertThat(copies.rows(1, "SELECT MIN(people) FROM countries")).containsExactly("7");
            cluster.primary(2).start();
            NodeSide.until("the copy is read", () -> isRead(client));
            assertThat(joined(client)).isEqualTo("7");
            assertThat(copies.assertEqual("countries")).containsExactly("1|7", "2|7");
        }
    }

    @Test
    void aDefaultShardThatDiesInItsCommitLeavesTheOutcomeUnknownAndTheCopiesEqual()
            throws Exception {
        try (Connection client = proxy.connect();
                Connection first = proxy.onShard(1)) {
            Future<?> write = decidingWrite(client, first);
            cluster.primary(1).kill();
            assertThatThrownBy(write::get).hasMessageContaining("SW-4003");
            cluster.primary(1).start();
            NodeSide.until("the copy is read", () -> isRead(client));
            NodeSide.until("copies are equal", () -> copies.areEqual("countries"));
        } catch (SQLException closingFirst) {
            assertThat(closingFirst.getMessage()).doesNotContain("SW-");
        }
    }

    /** A write that has changed every copy and waits in the default shard's commit. */
    private Future<?> decidingWrite(Connection client, Connection first) throws SQLException {
        try (Connection other = proxy.onShard(2)) {
            run(other, "BEGIN");
            run(other, "SELECT * FROM countries FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, WRITE));
            nodes.awaitRunning(2, "UPDATE countries%");
            run(first, "FLUSH TABLES WITH READ LOCK");
            run(other, "ROLLBACK");
            nodes.awaitRunning(1, "COMMIT%");
            return write;
        }
    }
}
