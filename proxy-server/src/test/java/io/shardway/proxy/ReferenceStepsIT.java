package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A write of a reference table is stopped at every step by locks on the nodes, and something is
 * killed there.
 */
class ReferenceStepsIT {

    private static final String WRITE = "UPDATE countries SET people = 7";

    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;
    private static NodeSide nodes;

    private Connection first;
    private Connection other;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start(Map.of("reference.write-timeout", "5s"));
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
            run(client, "DROP TABLE IF EXISTS visits");
            run(
                    client,
                    "CREATE TABLE countries (code INT PRIMARY KEY, people INT, at DATETIME(6)"
                            + " DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)) COMMENT 'shardway:reference'");
            run(client, "CREATE TABLE visits (user_id BIGINT NOT NULL PRIMARY KEY, code INT)");
            run(client, "INSERT INTO visits VALUES (" + proxy.keyOn(2, 0) + ", 1)");
            run(client, "INSERT INTO countries (code, people) VALUES (1, 1), (2, 2)");
        }
        first = proxy.onShard(1);
        other = proxy.onShard(2);
    }

    @AfterEach
    void release() throws SQLException {
        first.close();
        other.close();
    }

    private static void holdRows(Connection node) throws SQLException {
        run(node, "BEGIN");
        run(node, "SELECT * FROM countries FOR UPDATE");
    }

    /** The write stands before the default shard's commit; every copy has been changed. */
    private void untilDeciding(NodeSide writer) throws SQLException {
        writer.awaitRunning(2, "UPDATE countries%");
        run(first, "FLUSH TABLES WITH READ LOCK");
        run(other, "ROLLBACK");
        writer.awaitRunning(1, "COMMIT%");
    }

    private String people() throws SQLException {
        return copies.assertEqual("countries").getFirst().split("\\|")[1];
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
    void aConnectionLostOnTheFirstShardBeforeTheDecisionUndoesAll() throws Exception {
        assertUndone(first, 1);
    }

    /**
     * @param node holds the rows on this shard
     */
    private void assertUndone(Connection node, int shard) throws Exception {
        try (Connection client = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            holdRows(node);
            Future<?> write = threads.submit(() -> runQuietly(client));
            nodes.kill(shard, nodes.awaitRunning(shard, "UPDATE countries%"));
            assertThatThrownBy(write::get).hasMessageContaining("SW-40");
            run(node, "ROLLBACK");
            assertThat(people()).isEqualTo("1");
        }
        nodes.awaitClean();
    }

    private static Object runQuietly(Connection client) throws SQLException {
        run(client, WRITE);
        return "done";
    }

    @Test
    void aConnectionLostOnAnotherShardBeforeTheDecisionUndoesAll() throws Exception {
        assertUndone(other, 2);
    }

    @Test
    void aDecidingCommitThatIsKilledUndoesAllOrNothing() throws Exception {
        try (Connection client = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            holdRows(other);
            Future<?> write = threads.submit(() -> runQuietly(client));
            untilDeciding(nodes);
            long deciding = nodes.awaitRunning(1, "COMMIT%");
            nodes.kill(1, deciding);
            // Else the lock may be given before the KILL is seen, and the commit succeed.
            nodes.awaitGone(1, deciding);
            run(first, "UNLOCK TABLES");
            assertThatThrownBy(write::get).hasMessageContaining("SW-40");
            assertThat(people()).isEqualTo("1");
        }
        nodes.awaitClean();
    }

    /** The second shard's commit waits for a lock of the caller's, and is killed there. */
    private Future<?> writeWhoseCopysCommitIsKilled(Connection client, ExecutorService threads)
            throws Exception {
        holdRows(other);
        Future<?> write = threads.submit(() -> runQuietly(client));
        untilDeciding(nodes);
        run(other, "FLUSH TABLES WITH READ LOCK");
        run(first, "UNLOCK TABLES");
        nodes.kill(2, nodes.awaitRunning(2, "COMMIT%"));
        return write;
    }

    @Test
    void aCopyWhoseCommitIsKilledIsRepairedBeforeTheClientHearsOk() throws Exception {
        try (Connection client = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> write = writeWhoseCopysCommitIsKilled(client, threads);
            run(other, "UNLOCK TABLES");
            assertThat(write.get()).isEqualTo("done");
            assertThat(people()).isEqualTo("7");
            assertThat(joined(client)).isEqualTo("7");
        }
        nodes.awaitClean();
    }

    @Test
    void aCopyThatCannotBeRepairedInTimeIsNamedAndNotReadUntilItIs() throws Exception {
        try (Connection client = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> write = writeWhoseCopysCommitIsKilled(client, threads);
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4053")
                    .hasMessageContaining("s2");
            assertThatThrownBy(() -> joined(client)).hasMessageContaining("SW-4052");
            assertThatThrownBy(() -> run(client, WRITE)).hasMessageContaining("SW-");
            assertThat(ReferenceCopiesSide.rows(client, "SELECT MAX(people) FROM countries"))
                    .containsExactly("7");
            run(other, "UNLOCK TABLES");
            NodeSide.until("the copy is read again", () -> isRead(client));
            assertThat(joined(client)).isEqualTo("7");
            assertThat(people()).isEqualTo("7");
        }
        nodes.awaitClean();
    }

    private static boolean isRead(Connection client) {
        try {
            return !joined(client).isEmpty();
        } catch (SQLException fenced) {
            return false;
        }
    }

    @Test
    void aProxyKilledBeforeTheDecisionLeavesNothing() throws Exception {
        try (ChildProxy child = child();
                Connection client = connect(child);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            holdRows(other);
            Future<?> write = threads.submit(() -> runQuietly(client));
            new NodeSide(proxy, child.number()).awaitRunning(2, "UPDATE countries%");
            child.kill();
            assertThatThrownBy(write::get).isNotNull();
            run(other, "ROLLBACK");
            NodeSide.until("copies are equal", () -> copies.areEqual("countries"));
            assertThat(people()).isEqualTo("1");
            forget(child);
        }
    }

    @Test
    void anotherProxyCompletesWhatAKilledOneDecided() throws Exception {
        try (ChildProxy child = child();
                Connection client = connect(child);
                Connection here = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writer = new NodeSide(proxy, child.number());
            holdRows(other);
            Future<?> write = threads.submit(() -> runQuietly(client));
            untilDeciding(writer);
            child.kill();
            assertThatThrownBy(write::get).isNotNull();
            NodeSide.until("the copy is undone", () -> writer.transactions(2) == 0);
            run(first, "UNLOCK TABLES");
            NodeSide.until("copies are equal", () -> copies.areEqual("countries"));
            assertThat(people()).isEqualTo("7");
            NodeSide.until("the copy is read", () -> isRead(here));
            assertThat(joined(here)).isEqualTo("7");
            forget(child);
        }
        nodes.awaitClean();
    }

    /** Nothing is defined while a proxy is lost, and every test defines its tables. */
    private static void forget(ChildProxy child) {
        NodeSide.until(
                "the proxy is forgotten",
                () -> {
                    try (Connection admin = proxy.connectAsAdmin()) {
                        run(admin, "SHARDWAY FORGET PROXY " + child.number());
                        return true;
                    } catch (SQLException notYetLost) {
                        return false;
                    }
                });
    }

    private static ChildProxy child() throws Exception {
        return ChildProxy.startMissedSoon(proxy, Map.of());
    }

    private static Connection connect(ChildProxy child) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(child.port(), proxy.keyspace()),
                "app",
                "app");
    }

    @Test
    void aCopyThatIsAheadIsLeftAloneAndNotRead() throws Exception {
        try (Connection client = proxy.connect()) {
            run(
                    other,
                    "UPDATE shardway.reference_copies SET writes = writes + 1, write_id = 'x'"
                            + " WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "'");
            NodeSide.until("the copy is fenced", () -> !isRead(client));
            assertThatThrownBy(() -> run(client, WRITE)).hasMessageContaining("SW-4052");
            assertThat(copies.rows(2, "SELECT people FROM countries WHERE code = 1"))
                    .containsExactly("1");
            run(
                    other,
                    "UPDATE shardway.reference_copies SET writes = 0, write_id = ''"
                            + " WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "'");
            NodeSide.until("it is read again", () -> isRead(client));
            copies.assertEqual("countries");
        }
    }

    @Test
    void rowsOfAllKindsAreRepaired() throws Exception {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS kinds");
            run(
                    client,
                    "CREATE TABLE kinds (a VARCHAR(20) COLLATE utf8mb4_0900_ai_ci, b DECIMAL(10,3),"
                            + " c FLOAT, d DOUBLE, e BLOB, f JSON, g ENUM('x','y'), h BIT(9),"
                            + " i TIMESTAMP(6) NULL, j TIME(3), k TEXT CHARACTER SET latin1,"
                            + " l BINARY(4), m SET('p','q'), n YEAR, o POINT, u INT,"
                            + " v INT GENERATED ALWAYS AS (u + 1) STORED, UNIQUE (u),"
                            + " PRIMARY KEY (a, b)) COMMENT 'shardway:reference'");
            run(
                    client,
                    "INSERT INTO kinds (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, u) VALUES"
                            + " ('\u00e4''\\\\', 1.5, 0.1, 1e300, x'00ff', '{\"k\": [1, null, \"\u20ac\"]}', 'y', 5,"
                            + " '2026-11-22 01:02:03.456789', '-10:00:00.5', 'caf\u00e9', x'01', 'p,q', 2026,"
                            + " ST_GeomFromText('POINT(1 2)'), 1),"
                            + " ('', -3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2),"
                            + " ('c', 3, 3.4028e38, -0.0, '', 'null', 'x', 511, NULL, '838:59:59', '', '', '', 1901, NULL, 3)");
            run(other, "UPDATE kinds SET u = 9 WHERE a = 'c'");
            run(other, "UPDATE kinds SET u = 3 WHERE a = ''");
            run(other, "UPDATE kinds SET u = 2, c = 1, g = 'y' WHERE a = 'c'");
            run(other, "DELETE FROM kinds WHERE b = 1.5");
            run(
                    other,
                    "INSERT INTO kinds (a, b, u) VALUES ('extra', 1, 77), ('\u00c4''\\\\', 1.5, 78)");
            run(
                    other,
                    "UPDATE shardway.reference_copies SET writes = 0, write_id = '' WHERE"
                            + " table_name = 'kinds' AND keyspace_name = '"
                            + proxy.keyspace()
                            + "'");
            NodeSide.until(
                    "the copy is repaired",
                    () -> copies.number(1, "kinds").equals(copies.number(2, "kinds")));
            String sql =
                    "SELECT HEX(a), b, CAST(c AS DOUBLE), d, HEX(e), f, g, h + 0, i, j, HEX(k), l, m,"
                            + " n, HEX(ST_AsBinary(o)), u, v FROM kinds ORDER BY u";
            assertThat(copies.rows(2, sql)).isEqualTo(copies.rows(1, sql)).hasSize(3);
        }
    }
}
