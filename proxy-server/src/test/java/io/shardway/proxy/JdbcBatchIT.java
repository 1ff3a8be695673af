package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Batches of Connector/J, sent row by row, as one INSERT, or as several statements in one command.
 */
@Timeout(60)
class JdbcBatchIT {

    private static final String INSERT = "INSERT INTO orders (user_id, id, name) VALUES (?, ?, ?)";

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE orders (user_id BIGINT NOT NULL, id INT NOT NULL, name VARCHAR(50),"
                                + " PRIMARY KEY (user_id, id))");
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        for (Connection connection :
                List.of(twin.direct(""), twin.proxy().onShard(1), twin.proxy().onShard(2))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                statement.execute("DELETE FROM orders");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true",
                "allowMultiQueries=true",
                "allowMultiQueries=true&rewriteBatchedStatements=true",
                "allowMultiQueries=true&rewriteBatchedStatements=true&useServerPrepStmts=true&useCompression=false"
            })
    void rowsOfOneKeyAreWrittenAsByMySql(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        try (PreparedStatement insert = connection.prepareStatement(INSERT);
                                PreparedStatement update =
                                        connection.prepareStatement(
                                                "UPDATE orders SET name = ? WHERE user_id = ? AND id = ?");
                                PreparedStatement delete =
                                        connection.prepareStatement(
                                                "DELETE FROM orders WHERE user_id = ? AND id = ?")) {
                            for (int i = 0; i < 25; i++) {
                                insert(insert, key, i, "ä" + i);
                            }
                            transcript.attempt(insert::executeBatch);
                            for (int i = 3; i < 30; i++) {
                                update.setString(1, i % 2 == 0 ? "ä" + i : "new");
                                update.setLong(2, key);
                                update.setInt(3, i);
                                update.addBatch();
                            }
                            transcript.attempt(update::executeBatch);
                            for (int i = 20; i < 28; i++) {
                                delete.setLong(1, key);
                                delete.setInt(2, i);
                                delete.addBatch();
                            }
                            transcript.attempt(delete::executeLargeBatch);
                        }
                        transcript.run(
                                connection.createStatement(),
                                "SELECT * FROM orders WHERE user_id = " + key);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "continueBatchOnError=false",
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true",
                "allowMultiQueries=true&rewriteBatchedStatements=true"
            })
    void aDuplicateRowFailsAsWithMySql(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        try (PreparedStatement insert = connection.prepareStatement(INSERT);
                                Statement statement = connection.createStatement()) {
                            for (int i : new int[] {1, 2, 3, 2, 4, 5}) {
                                insert(insert, key, i, "x");
                            }
                            transcript.attempt(insert::executeBatch);
                            transcript.run(
                                    statement, "SELECT id FROM orders WHERE user_id = " + key);
                            for (int i = 10; i < 16; i++) {
                                statement.addBatch(
                                        "INSERT INTO orders VALUES ("
                                                + key
                                                + ", "
                                                + i / 2
                                                + ", 'y')");
                            }
                            transcript.attempt(statement::executeBatch);
                            transcript.run(
                                    statement, "SELECT id FROM orders WHERE user_id = " + key);
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "allowMultiQueries=true&rewriteBatchedStatements=true"
            })
    void statementsOfDifferentKeysGoToTheirShards(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters);
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 12; i++) {
                statement.addBatch(
                        "INSERT INTO orders VALUES (%d, %d, 'b')"
                                .formatted(twin.keyOn(1 + i % 2, i % 3), i));
            }
            assertThat(statement.executeBatch()).containsOnly(1).hasSize(12);
            assertRowsAreWhereTheyBelong(6, 6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void rowsOfDifferentKeysSentOneByOneGoToTheirShards(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < 12; i++) {
                insert(insert, twin.keyOn(1 + i % 2, i % 3), i, "b");
            }
            assertThat(insert.executeBatch()).containsOnly(1).hasSize(12);
            assertRowsAreWhereTheyBelong(6, 6);
        }
    }

    @ParameterizedTest
    @CsvSource({"false,1", "false,2", "true,1", "true,2"})
    void oneInsertOfDifferentKeysIsRejectedAndWritesNothing(boolean prepared, int firstShard)
            throws SQLException {
        try (Connection connection =
                        twin.proxied(
                                "rewriteBatchedStatements=true&useServerPrepStmts=" + prepared);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < 6; i++) {
                insert(
                        insert,
                        i == 4 ? twin.keyOn(3 - firstShard, 0) : twin.keyOn(firstShard, 0),
                        i,
                        "b");
            }
            assertThatThrownBy(insert::executeBatch)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("SW-");
            assertRowsAreWhereTheyBelong(0, 0);
            insert.clearBatch();
            insert(insert, twin.keyOn(2, 1), 1, "after");
            assertThat(insert.executeBatch()).hasSize(1);
        }
        assertRowsAreWhereTheyBelong(0, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true"
            })
    void insertsThatUpdateOrIgnoreAreRewrittenToo(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    for (int shard = 1; shard <= 2; shard++) {
                        long key = twin.keyOn(shard, 0);
                        for (String sql :
                                List.of(
                                        "INSERT IGNORE INTO orders (user_id, id, name) VALUES (?, ?, ?)",
                                        "INSERT INTO orders (user_id, id, name) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name)",
                                        "REPLACE INTO orders (user_id, id, name) VALUES (?, ?, ?)")) {
                            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                                for (int i = 0; i < 7; i++) {
                                    insert(insert, key, i / 2, "v" + i);
                                }
                                transcript.attempt(insert::executeBatch);
                                transcript.warnings(insert.getWarnings());
                            }
                            transcript.run(
                                    connection.createStatement(),
                                    "SELECT * FROM orders WHERE user_id = " + key);
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true"
            })
    void aLargeBatchIsWrittenWhole(String parameters) throws SQLException {
        long key = twin.keyOn(2, 0);
        try (Connection connection = twin.proxied(parameters);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 5_000; i++) {
                insert(insert, key, i, "name of row " + i);
            }
            insert.executeBatch();
            connection.commit();
        }
        assertRowsAreWhereTheyBelong(0, 5_000);
    }

    private static void insert(PreparedStatement insert, long key, int id, String name)
            throws SQLException {
        insert.setLong(1, key);
        insert.setInt(2, id);
        insert.setString(3, name);
        insert.addBatch();
    }

    private static void assertRowsAreWhereTheyBelong(int onFirst, int onSecond)
            throws SQLException {
        assertThat(rowsOn(1)).isEqualTo(onFirst);
        assertThat(rowsOn(2)).isEqualTo(onSecond);
    }

    private static int rowsOn(int shard) throws SQLException {
        String keys =
                "%d, %d, %d"
                        .formatted(
                                twin.keyOn(shard, 0), twin.keyOn(shard, 1), twin.keyOn(shard, 2));
        try (Connection connection = twin.proxy().onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT SUM(user_id IN (" + keys + ")), COUNT(*) FROM orders")) {
            rows.next();
            assertThat(rows.getInt(1)).as("rows of other shards' keys").isEqualTo(rows.getInt(2));
            return rows.getInt(2);
        }
    }
}
