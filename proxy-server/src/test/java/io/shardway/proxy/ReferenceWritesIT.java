package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReferenceWritesIT {

    private static TestProxy proxy;
    private static TestProxy second;
    private static ReferenceCopiesSide copies;

    @BeforeAll
    static void start() {
        proxy = TestProxy.start();
        second = proxy.another(Map.of());
        copies = new ReferenceCopiesSide(proxy);
    }

    @AfterAll
    static void stop() {
        second.close();
        proxy.close();
    }

    @BeforeEach
    void table() throws SQLException {
        run(
                proxy,
                "DROP TABLE IF EXISTS visits",
                "DROP TABLE IF EXISTS countries",
                "CREATE TABLE countries (code INT PRIMARY KEY, name VARCHAR(50) UNIQUE,"
                        + " people INT NOT NULL DEFAULT 0,"
                        + " at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6))"
                        + " COMMENT 'shardway:reference'");
    }

    private static void run(TestProxy on, String... statements) throws SQLException {
        try (Connection client = on.connect();
                Statement statement = client.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static int update(Connection client, String sql) throws SQLException {
        try (Statement statement = client.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static void refused(String code, String sql) {
        assertThatThrownBy(() -> run(proxy, sql))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(code);
    }

    @Test
    void everyKindOfWriteReachesEveryCopyWithTheCountsMySqlGives() throws SQLException {
        try (Connection client = proxy.connect("useAffectedRows=true")) {
            assertThat(
                            update(
                                    client,
                                    "INSERT INTO countries (code, name) VALUES (1, 'a'), (2, 'b')"))
                    .isEqualTo(2);
            assertThat(update(client, "UPDATE countries SET people = people + 5")).isEqualTo(2);
            assertThat(update(client, "UPDATE countries SET people = 5")).isEqualTo(0);
            assertThat(
                            update(
                                    client,
                                    "INSERT INTO countries (code, name) VALUES (1, 'x'), (3, 'c')"
                                            + " ON DUPLICATE KEY UPDATE people = people + 1"))
                    .isEqualTo(3);
            assertThat(update(client, "REPLACE INTO countries (code, name) VALUES (4, 'b')"))
                    .isEqualTo(2);
            assertThat(update(client, "DELETE FROM countries WHERE code = 3")).isEqualTo(1);
        }
        assertThat(copies.assertEqual("countries")).hasSize(2);
    }

    @Test
    void timesAreTheSameOnEveryCopyToTheMicrosecond() throws SQLException {
        run(
                proxy,
                "INSERT INTO countries (code, name) VALUES (1, NOW(6))",
                "INSERT INTO countries (code, name, at) VALUES (2, UTC_TIMESTAMP(6), NOW(6))",
                "UPDATE countries SET people = 1 WHERE code = 1");
        List<String> rows = copies.assertEqual("countries");
        assertThat(rows.getFirst()).containsPattern("\\.[0-9]*[1-9][0-9]*");
        try (Connection client = proxy.connect()) {
            assertThat(
                            ReferenceCopiesSide.rows(
                                    client,
                                    "SELECT ABS(TIMESTAMPDIFF(SECOND, at, NOW(6))) < 60 FROM countries WHERE code = 1"))
                    .containsExactly("1");
            // The time of the write is not left on the connection.
            assertThat(
                            ReferenceCopiesSide.rows(
                                    client,
                                    "SELECT NOW(6) <> (SELECT at FROM countries WHERE code = 1)"))
                    .containsExactly("1");
        }
    }

    @Test
    void preparedStatementsWriteEveryCopy() throws SQLException {
        try (Connection client = proxy.connect("useServerPrepStmts=true");
                PreparedStatement insert =
                        client.prepareStatement(
                                "INSERT INTO countries (code, name, people) VALUES (?, ?, ?)")) {
            for (int i = 0; i < 20; i++) {
                insert.setInt(1, i);
                insert.setString(2, "name '" + i);
                insert.setInt(3, i * i);
                assertThat(insert.executeUpdate()).isEqualTo(1);
            }
        }
        assertThat(copies.assertEqual("countries")).hasSize(20);
    }

    @Test
    void warningsAreThoseOfMySql() throws SQLException {
        run(proxy, "INSERT INTO countries (code, name) VALUES (1, 'a')");
        try (Connection client = proxy.connect();
                Statement statement = client.createStatement()) {
            assertThat(
                            statement.executeUpdate(
                                    "INSERT IGNORE INTO countries (code, name) VALUES (1, 'b'), (2, 'c')"))
                    .isEqualTo(1);
            assertThat(statement.getWarnings().getErrorCode()).isEqualTo(1062);
            assertThat(ReferenceCopiesSide.rows(client, "SHOW WARNINGS")).hasSize(1);
        }
        copies.assertEqual("countries");
    }

    @Test
    void anErrorOfMySqlLeavesEveryCopyAsItWas() throws SQLException {
        run(proxy, "INSERT INTO countries (code, name) VALUES (1, 'a'), (2, 'b')");
        List<String> before = copies.assertEqual("countries");
        assertThatThrownBy(() -> run(proxy, "INSERT INTO countries (code) VALUES (3), (2)"))
                .satisfies(e -> assertThat(((SQLException) e).getErrorCode()).isEqualTo(1062));
        assertThat(copies.assertEqual("countries")).isEqualTo(before);
        new NodeSide(proxy).awaitClean();
    }

    @Test
    void aRowThatAnotherShardsRowPointsToStaysEverywhere() throws SQLException {
        run(
                proxy,
                "CREATE TABLE visits (user_id BIGINT NOT NULL, code INT, PRIMARY KEY (user_id),"
                        + " FOREIGN KEY (code) REFERENCES countries (code))",
                "INSERT INTO countries (code, name) VALUES (1, 'a'), (2, 'b')",
                "INSERT INTO visits VALUES (" + proxy.keyOn(2, 0) + ", 1)");
        assertThatThrownBy(() -> run(proxy, "DELETE FROM countries WHERE code = 1"))
                .satisfies(e -> assertThat(((SQLException) e).getErrorCode()).isEqualTo(1451));
        assertThat(copies.assertEqual("countries")).hasSize(2);
        run(proxy, "DELETE FROM countries WHERE code = 2");
        assertThat(copies.assertEqual("countries")).hasSize(1);
    }

    @Test
    void aWriteInsideATransactionIsRefused() throws SQLException {
        try (Connection client = proxy.connect()) {
            client.setAutoCommit(false);
            assertThatThrownBy(() -> update(client, "INSERT INTO countries (code) VALUES (1)"))
                    .hasMessageContaining("SW-2051");
            client.setAutoCommit(true);
            update(client, "BEGIN");
            assertThatThrownBy(() -> update(client, "INSERT INTO countries (code) VALUES (1)"))
                    .hasMessageContaining("SW-2051");
            update(client, "ROLLBACK");
            update(client, "INSERT INTO countries (code) VALUES (1)");
        }
        assertThat(copies.assertEqual("countries")).hasSize(1);
    }

    @Test
    void aSessionWithStateOnOneConnectionIsRefused() throws SQLException {
        try (Connection client = proxy.connect()) {
            assertThat(ReferenceCopiesSide.rows(client, "SELECT GET_LOCK('reference', 0)"))
                    .containsExactly("1");
            assertThatThrownBy(() -> update(client, "INSERT INTO countries (code) VALUES (1)"))
                    .hasMessageContaining("SW-2008");
        }
        assertThat(copies.rows(1, "SELECT * FROM countries")).isEmpty();
        assertThat(copies.rows(2, "SELECT * FROM countries")).isEmpty();
    }

    @Test
    void idsAreGivenNotDrawn() throws SQLException {
        run(
                proxy,
                "DROP TABLE IF EXISTS colours",
                "CREATE TABLE colours (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9))"
                        + " COMMENT 'shardway:reference'",
                "INSERT INTO colours (id, name) VALUES (7, 'red')",
                "INSERT INTO colours VALUES (8, 'blue')");
        refused("SW-2008", "INSERT INTO colours (name) VALUES ('green')");
        refused("SW-2008", "INSERT INTO colours (id, name) VALUES (NULL, 'green')");
        refused("SW-2008", "INSERT INTO colours VALUES (0, 'green')");
        refused("SW-2008", "REPLACE INTO colours SET name = 'green'");
        assertThat(copies.assertEqual("colours")).containsExactly("7|red", "8|blue");
        try (Connection client = proxy.connect()) {
            update(client, "INSERT INTO colours (id) VALUES (9)");
            assertThat(ReferenceCopiesSide.rows(client, "SELECT LAST_INSERT_ID()"))
                    .containsExactly("0");
        }
    }

    @Test
    void whatCanComeOutDifferentlyIsRefused() throws SQLException {
        run(
                proxy,
                "DROP TABLE IF EXISTS tokens",
                "CREATE TABLE tokens (id INT PRIMARY KEY, token CHAR(36) DEFAULT (UUID()))"
                        + " COMMENT 'shardway:reference'");
        refused("SW-2008", "INSERT INTO tokens (id) VALUES (1)");
        refused("SW-2008", "INSERT INTO tokens (id, token) VALUES (1, UUID())");
        assertThat(copies.rows(1, "SELECT * FROM tokens")).isEmpty();
    }

    @Test
    void theWriterReadsItsWriteOnEveryShard() throws SQLException {
        run(
                proxy,
                "CREATE TABLE visits (user_id BIGINT NOT NULL, code INT, PRIMARY KEY (user_id))");
        for (int shard = 1; shard <= 2; shard++) {
            run(proxy, "INSERT INTO visits VALUES (" + proxy.keyOn(shard, 0) + ", 1)");
        }
        for (int i = 0; i < 20; i++) {
            try (Connection client = (i % 2 == 0 ? proxy : second).connect()) {
                update(client, "REPLACE INTO countries (code, name) VALUES (1, 'n" + i + "')");
                for (int shard = 1; shard <= 2; shard++) {
                    assertThat(
                                    ReferenceCopiesSide.rows(
                                            client,
                                            "SELECT name FROM visits JOIN countries USING (code)"
                                                    + " WHERE user_id = "
                                                    + proxy.keyOn(shard, 0)))
                            .containsExactly("n" + i);
                }
            }
        }
    }

    @Test
    void writersOfTwoProxiesLeaveEqualCopies() throws Exception {
        long seed = System.nanoTime();
        System.out.println("writers: seed " + seed);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int writer = 0; writer < 8; writer++) {
                TestProxy through = writer % 2 == 0 ? proxy : second;
                var random = new Random(seed + writer);
                writers.add(threads.submit(writer(through, random)));
            }
            int done = 0;
            for (Future<Integer> writer : writers) {
                done += writer.get();
            }
            assertThat(done).isPositive();
        }
        copies.assertEqual("countries");
        new NodeSide(proxy).awaitClean();
    }

    private static Callable<Integer> writer(TestProxy through, Random random) {
        return () -> {
            int done = 0;
            try (Connection client = through.connect()) {
                for (int i = 0; i < 40; i++) {
                    int code = random.nextInt(10);
                    String sql =
                            switch (random.nextInt(4)) {
                                case 0 ->
                                        "INSERT INTO countries (code, people) VALUES (%d, 1)"
                                                        .formatted(code)
                                                + " ON DUPLICATE KEY UPDATE people = people * 3 + 1";
                                case 1 ->
                                        "UPDATE countries SET people = people %% 1000 + %d, name = CONCAT(code, NOW(6))"
                                                .formatted(random.nextInt(100));
                                case 2 ->
                                        "UPDATE countries SET name = 'only one' WHERE code = "
                                                + code;
                                default -> "DELETE FROM countries WHERE code = " + code;
                            };
                    try {
                        update(client, sql);
                        done++;
                    } catch (SQLException e) {
                        if (e.getErrorCode() != 1062 && e.getErrorCode() != 1264) {
                            throw e;
                        }
                    }
                }
            }
            return done;
        };
    }

    @Test
    void copiesThatAreNotEqualStopAWrite() throws SQLException {
        run(proxy, "INSERT INTO countries (code, name) VALUES (1, 'a'), (2, 'b')");
        try (Connection node = proxy.onShard(2)) {
            update(node, "DELETE FROM countries WHERE code = 2");
        }
        refused("SW-4051", "UPDATE countries SET people = 1");
        assertThat(copies.rows(1, "SELECT SUM(people) FROM countries")).containsExactly("0");
        assertThat(copies.rows(2, "SELECT SUM(people) FROM countries")).containsExactly("0");
    }

    @Test
    void killQueryEndsAWriteThatWaits() throws Exception {
        run(proxy, "INSERT INTO countries (code, name) VALUES (1, 'a')");
        try (Connection node = proxy.onShard(2);
                Connection client = proxy.connect();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            node.setAutoCommit(false);
            update(node, "UPDATE countries SET people = 9");
            long id;
            try (Statement statement = client.createStatement();
                    ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            Future<Integer> write =
                    threads.submit(() -> update(client, "UPDATE countries SET people = 1"));
            new NodeSide(proxy).awaitRunning(2, "UPDATE countries%");
            run(proxy, "KILL QUERY " + id);
            assertThatThrownBy(write::get).hasMessageContaining("interrupted");
            node.rollback();
            update(client, "UPDATE countries SET people = 2");
        }
        assertThat(copies.assertEqual("countries").getFirst()).contains("|2|");
        new NodeSide(proxy).awaitClean();
    }
}
