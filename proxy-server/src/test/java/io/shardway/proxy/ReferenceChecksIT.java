package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReferenceChecksIT {

    private static TestProxy proxy;
    private static ReferenceCopiesSide copies;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start();
        copies = new ReferenceCopiesSide(proxy);
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
            run(client, "INSERT INTO countries VALUES (1, 1), (2, 2), (3, 3)");
        }
    }

    private static List<String> asked(String what) throws SQLException {
        try (Connection admin = proxy.connectAsAdmin()) {
            // How many writes there were is not the same for every test.
            return ReferenceCopiesSide.rows(admin, "SHARDWAY " + what + " TABLE countries").stream()
                    .map(row -> row.replaceFirst("\\|[0-9]+", ""))
                    .toList();
        }
    }

    @Test
    void equalCopiesAreCalledEqual() throws SQLException {
        assertThat(asked("CHECK"))
                .containsExactly("s1|default|3|0|0|0|null|null", "s2|equal|3|0|0|0|null|null");
    }

    @Test
    void rowsThatDifferAreCountedNamedAndRepairedWhenAsked() throws SQLException {
        try (Connection node = proxy.onShard(2)) {
            run(node, "UPDATE countries SET people = NULL WHERE code = 1");
            run(node, "DELETE FROM countries WHERE code = 2");
            run(node, "INSERT INTO countries VALUES (8, 8), (9, 9)");
        }
        assertThat(asked("CHECK").getLast())
                .startsWith("s2|differs|4|1|2|1|")
                .contains("`code` = '1'", "`code` = '2'", "`code` = '8'", "`code` = '9'");
        assertThat(asked("REPAIR")).containsExactly("s2|repaired|4|0|0|0|null|null");
        assertThat(copies.assertEqual("countries")).containsExactly("1|1", "2|2", "3|3");
        assertThat(asked("CHECK").getLast()).startsWith("s2|equal|");
    }

    @Test
    void aNumberThatDiffersIsToldThoughTheRowsAreEqual() throws SQLException {
        try (Connection node = proxy.onShard(2)) {
            String number =
                    "UPDATE shardway.reference_copies SET writes = writes %s 1 WHERE keyspace_name = '%s'";
            run(node, number.formatted("+", proxy.keyspace()));
            assertThat(asked("CHECK").getLast()).startsWith("s2|ahead|3|0|0|0|");
            run(node, number.formatted("-", proxy.keyspace()));
            assertThat(asked("CHECK").getLast()).startsWith("s2|equal|");
        }
        NodeSide.until("the watch, which may have fenced it, has seen it", () -> isWritten());
    }

    private static boolean isWritten() {
        try (Connection client = proxy.connect()) {
            run(client, "UPDATE countries SET people = people + 1");
            return true;
        } catch (SQLException fenced) {
            return false;
        }
    }

    @Test
    void copiesThatAreBeingWrittenAreEqual() throws Exception {
        var stop = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection client = proxy.connect()) {
            Future<?> writer =
                    threads.submit(() -> {
                        while (!stop.get()) {
                            run(client, "UPDATE countries SET people = people + 1");
                        }
                        return 0;
                    });
            for (int i = 0; i < 20; i++) {
                assertThat(asked("CHECK").getLast()).contains("|equal|");
            }
            stop.set(true);
            writer.get();
        }
        copies.assertEqual("countries");
    }

    @Test
    void largeTablesAreComparedAndRepairedInParts() throws SQLException {
        try (Connection client = proxy.connect();
                Connection node = proxy.onShard(2)) {
            for (int block = 0; block < 20; block++) {
                var sql = new StringBuilder("INSERT INTO countries VALUES (10, 10)");
                sql.setLength(sql.length() - "(10, 10)".length());
                for (int i = 0; i < 1000; i++) {
                    int code = 10 + block * 1000 + i;
                    sql.append(i == 0 ? "" : ", ").append("(" + code + ", " + i + ")");
                }
                run(client, sql.toString());
            }
            run(node, "UPDATE countries SET people = -1 WHERE code % 100 = 0");
            run(node, "DELETE FROM countries WHERE code % 1000 = 7");
        }
        assertThat(asked("CHECK").getLast()).startsWith("s2|differs|19983|20|0|200|");
        assertThat(asked("REPAIR").getLast()).startsWith("s2|repaired|220|");
        assertThat(copies.assertEqual("countries")).hasSize(20_003);
    }

    @Test
    void whatIsNoReferenceTableIsRefused() throws SQLException {
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> statement.execute("SHARDWAY CHECK TABLE nothing"))
                    .hasMessageContaining("SW-2010");
        }
    }
}
