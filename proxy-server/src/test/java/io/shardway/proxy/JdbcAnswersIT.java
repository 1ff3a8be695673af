package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Affected rows, warnings, generated keys, and the answers of several statements in one command.
 */
@Timeout(60)
class JdbcAnswersIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE t (user_id BIGINT NOT NULL PRIMARY KEY, n TINYINT, name VARCHAR(5))",
                        "CREATE TABLE entries (id BIGINT NOT NULL AUTO_INCREMENT, user_id BIGINT NOT NULL, name VARCHAR(20),"
                                + " PRIMARY KEY (id), KEY (user_id))");
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        for (Connection connection : List.of(twin.direct(""), twin.proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (int shard = 1; shard <= 2; shard++) {
                    statement.execute(
                            "REPLACE INTO t VALUES (" + twin.keyOn(shard, 0) + ", 1, 'a')");
                    statement.execute("DELETE FROM t WHERE user_id = " + twin.keyOn(shard, 1));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "useAffectedRows=true",
                "useAffectedRows=false",
                "useAffectedRows=true&useServerPrepStmts=true",
                "useAffectedRows=false&useServerPrepStmts=true"
            })
    void affectedRowsAreCountedAsTheClientAsksFor(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        for (String sql :
                                List.of(
                                        "UPDATE t SET n = 1 WHERE user_id = ?",
                                        "UPDATE t SET n = n + 1 WHERE user_id = ?",
                                        "INSERT INTO t (user_id, n) VALUES (?, 9) ON DUPLICATE KEY UPDATE n = n",
                                        "INSERT INTO t (user_id, n) VALUES (?, 9) ON DUPLICATE KEY UPDATE n = VALUES(n)",
                                        "REPLACE INTO t (user_id, n) VALUES (?, 9)",
                                        "INSERT IGNORE INTO t (user_id, n) VALUES (?, 9)",
                                        "DELETE FROM t WHERE user_id = ?",
                                        "DELETE FROM t WHERE user_id = ?")) {
                            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                                statement.setLong(1, key);
                                transcript.note(statement.executeLargeUpdate());
                                transcript.warnings(statement.getWarnings());
                            }
                            transcript.run(connection.createStatement(), "SELECT ROW_COUNT()");
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true", "jdbcCompliantTruncation=false"})
    void warningsAreThoseOfTheStatementBefore(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        transcript.run(statement, "SET SESSION sql_mode = ''");
                        for (int shard = 1; shard <= 2; shard++) {
                            long key = twin.keyOn(shard, 0);
                            for (String sql :
                                    List.of(
                                            "UPDATE t SET n = 1000, name = 'too long for it' WHERE user_id = "
                                                    + key,
                                            "SHOW WARNINGS",
                                            "SHOW COUNT(*) WARNINGS",
                                            "SELECT @@warning_count",
                                            "SELECT 1/0, 'a' + 1 FROM t WHERE user_id = " + key,
                                            "SHOW WARNINGS LIMIT 1",
                                            "SELECT n FROM t WHERE user_id = " + key,
                                            "SHOW WARNINGS",
                                            "INSERT INTO t VALUES (" + key + ", 1, 'x')",
                                            "SHOW ERRORS",
                                            "SHOW WARNINGS",
                                            "DROP TABLE IF EXISTS not_there",
                                            "SELECT 1")) {
                                transcript.run(statement, sql);
                                statement.clearWarnings();
                            }
                            try (PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE t SET n = ? WHERE user_id = ?")) {
                                update.setString(1, "3 apples");
                                update.setLong(2, key);
                                transcript.attempt(update::executeUpdate);
                                transcript.warnings(update.getWarnings());
                                transcript.run(statement, "SHOW WARNINGS");
                            }
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void truncationIsAnErrorInStrictMode(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        try (PreparedStatement update =
                                connection.prepareStatement(
                                        "UPDATE t SET name = ? WHERE user_id = ?")) {
                            update.setString(1, "much too long");
                            update.setLong(2, twin.keyOn(shard, 0));
                            transcript.attempt(update::executeUpdate);
                        }
                    }
                });
    }

    @Test
    void severalStatementsGiveSeveralResults() throws SQLException {
        twin.same(
                "allowMultiQueries=true",
                (connection, transcript) -> {
                    long first = twin.keyOn(1, 0);
                    long second = twin.keyOn(2, 0);
                    try (Statement statement = connection.createStatement()) {
                        for (String sql :
                                List.of(
                                        "SELECT 1; SELECT 2",
                                        "SELECT n FROM t WHERE user_id = %1$d; SELECT name FROM t WHERE user_id = %2$d;",
                                        "UPDATE t SET n = 5 WHERE user_id = %1$d; UPDATE t SET n = 6 WHERE user_id = %2$d; SELECT 'x;y' AS `a;b`",
                                        "SET @a = 1; SELECT @a; SET @a = 2; SELECT @a + 1",
                                        "SELECT n FROM t WHERE user_id = %2$d; INSERT INTO t VALUES (%2$d, 1, 'x'); SELECT 3",
                                        "SELECT n FROM t WHERE user_id = %1$d; SELECT wrong; SELECT 3",
                                        "BEGIN; UPDATE t SET n = 7 WHERE user_id = %1$d; SELECT n FROM t WHERE user_id = %1$d; ROLLBACK;"
                                                + " SELECT n FROM t WHERE user_id = %1$d",
                                        "/* c1; */ SELECT 1 -- one; two\n; # three;\n SELECT 2",
                                        "SELECT 1;",
                                        "SHOW WARNINGS; SELECT 1/0; SHOW WARNINGS; SELECT 4",
                                        "SELECT n FROM t WHERE user_id = %2$d FOR UPDATE; COMMIT; SELECT 1 FROM t WHERE user_id = -1")) {
                            transcript.run(statement, sql.formatted(first, second));
                            statement.clearWarnings();
                        }
                    }
                });
    }

    @Test
    void severalStatementsAreRefusedUnlessAskedFor() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT 1; SELECT 2"))
                    .isInstanceOf(SQLException.class);
            assertThat(statement.execute("SELECT 1;")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true"
            })
    void generatedKeysAreTheOnesInTheRows(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters)) {
            for (int shard = 1; shard <= 2; shard++) {
                long key = twin.keyOn(shard, 5);
                try (PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO entries (user_id, name) VALUES (?, ?)",
                                Statement.RETURN_GENERATED_KEYS)) {
                    for (int i = 0; i < 5; i++) {
                        insert.setLong(1, key);
                        insert.setString(2, "batch");
                        insert.addBatch();
                    }
                    insert.executeBatch();
                    assertThat(keys(insert)).isEqualTo(ids(shard, key, "batch")).hasSize(5);
                    insert.setLong(1, key);
                    insert.setString(2, "one");
                    insert.executeUpdate();
                    assertThat(keys(insert)).isEqualTo(ids(shard, key, "one")).hasSize(1);
                }
                try (Statement statement = connection.createStatement()) {
                    statement.executeUpdate(
                            "INSERT INTO entries (user_id, name) VALUES (%1$d, 'm'), (%1$d, 'm'), (%1$d, 'm')"
                                    .formatted(key),
                            Statement.RETURN_GENERATED_KEYS);
                    List<Long> expected = ids(shard, key, "m");
                    assertThat(keys(statement)).isEqualTo(expected).hasSize(3);
                    try (var rows = statement.executeQuery("SELECT LAST_INSERT_ID()")) {
                        rows.next();
                        assertThat(rows.getLong(1)).isEqualTo(expected.getFirst());
                    }
                    statement.executeUpdate("DELETE FROM entries WHERE user_id = " + key);
                }
            }
        }
    }

    @Test
    void idsOfBothShardsNeverMeet() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 10; i++) {
                for (int shard = 1; shard <= 2; shard++) {
                    statement.executeUpdate(
                            "INSERT INTO entries (user_id, name) VALUES ("
                                    + twin.keyOn(shard, 6)
                                    + ", 'both')");
                }
            }
            List<Long> first = ids(1, twin.keyOn(1, 6), "both");
            List<Long> second = ids(2, twin.keyOn(2, 6), "both");
            assertThat(first).hasSize(10).doesNotContainAnyElementsOf(second);
        }
    }

    private static List<Long> keys(Statement statement) throws SQLException {
        return longs(statement.getGeneratedKeys());
    }

    private static List<Long> ids(int shard, long key, String name) throws SQLException {
        try (Connection connection = twin.proxy().onShard(shard);
                Statement statement = connection.createStatement()) {
            return longs(
                    statement.executeQuery(
                            "SELECT id FROM entries WHERE user_id = %d AND name = '%s' ORDER BY id"
                                    .formatted(key, name)));
        }
    }

    private static List<Long> longs(java.sql.ResultSet rows) throws SQLException {
        try (rows) {
            var values = new java.util.ArrayList<Long>();
            while (rows.next()) {
                values.add(rows.getLong(1));
            }
            return values;
        }
    }
}
