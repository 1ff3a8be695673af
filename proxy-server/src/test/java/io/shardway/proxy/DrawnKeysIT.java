package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables whose shard key is AUTO_INCREMENT, side by side with one MySQL server. The ids differ, so
 * both sides' ids are named by the order in which they turn up: what the client is told, and what
 * the row has, must get the same name.
 */
class DrawnKeysIT {

    private static final String USERS =
            """
            CREATE TABLE users (
              user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
              name VARCHAR(40) NOT NULL DEFAULT 'nobody',
              visits INT DEFAULT 0,
              UNIQUE KEY (name, user_id))
            """;

    private static TestProxy proxy;
    private static SideBySide both;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        SideBySide.prepare(proxy, USERS);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    /** Runs statements on both sides and wants the same to be told and stored. */
    private static void same(String parameters, List<Step> steps) throws SQLException {
        same(parameters, "single", steps);
    }

    private static void same(String parameters, String mode, List<Step> steps) throws SQLException {
        try (DrawnSide here = new DrawnSide(proxy.connect(parameters));
                DrawnSide there = new DrawnSide(SideBySide.direct(proxy, parameters))) {
            clear();
            try (Statement statement = here.connection().createStatement()) {
                statement.execute("SHARDWAY SET transaction_mode = " + mode);
            }
            for (Step step : steps) {
                step.on(here);
                step.on(there);
            }
            assertThat(here.told()).isEqualTo(there.told());
            assertThat(rows(here, List.of(proxy.onShard(1), proxy.onShard(2))))
                    .isEqualTo(
                            rows(
                                    there,
                                    List.of(
                                            proxy.cluster()
                                                    .primary(1)
                                                    .connect(SideBySide.directSchema(proxy)))));
        }
    }

    private interface Step {
        void on(DrawnSide side) throws SQLException;
    }

    private static Step text(String sql) {
        return side -> side.run(sql);
    }

    /** Where some rows give their keys: all but the first one are the driver's inventions. */
    private static Step mixed(Step step) {
        return side -> {
            side.firstKeyOnly(true);
            step.on(side);
            side.firstKeyOnly(false);
        };
    }

    private static Step prepared(String sql, Object... values) {
        return side -> side.run(sql, values);
    }

    private static void clear() throws SQLException {
        for (Connection node :
                List.of(
                        proxy.onShard(1),
                        proxy.onShard(2),
                        proxy.cluster().primary(1).connect(SideBySide.directSchema(proxy)))) {
            try (node;
                    Statement statement = node.createStatement()) {
                statement.execute("DELETE FROM users");
            }
        }
    }

    private static Map<String, String> rows(DrawnSide side, List<Connection> nodes)
            throws SQLException {
        var rows = new TreeMap<String, String>();
        for (Connection node : nodes) {
            try (node;
                    Statement statement = node.createStatement();
                    ResultSet found =
                            statement.executeQuery("SELECT user_id, name, visits FROM users")) {
                while (found.next()) {
                    rows.put(
                            side.name(found.getLong(1)),
                            found.getString(2) + " " + found.getString(3));
                }
            }
        }
        return rows;
    }

    @Test
    void drawsTheKeyInEverySpellingOfAnInsert() throws SQLException {
        same(
                "",
                List.of(
                        text("INSERT INTO users (name) VALUES ('a')"),
                        text("INSERT INTO users (name, user_id) VALUES ('b', NULL)"),
                        text("INSERT INTO users (user_id, name) VALUES (DEFAULT, 'c')"),
                        text("INSERT INTO users (user_id, name) VALUES (0, 'd')"),
                        text("INSERT INTO users (user_id, name) VALUES ('0', 'd2')"),
                        text("INSERT INTO users VALUES (NULL, 'e', 7)"),
                        text("INSERT INTO users () VALUES ()"),
                        text("INSERT INTO users VALUES ()"),
                        text("INSERT INTO users SET name = 'f', visits = 2"),
                        text("INSERT INTO users SET user_id = NULL, name = 'g'"),
                        text("INSERT users VALUE (DEFAULT, 'h', 1) -- a comment"),
                        text("REPLACE INTO users (name) VALUES ('i')"),
                        text("INSERT IGNORE INTO users (name) VALUES ('j')"),
                        text("INSERT INTO users (visits) VALUES (user_id + 5)"),
                        text("INSERT INTO users (name) VALUES (CONCAT('l', LAST_INSERT_ID() > 0))"),
                        text(
                                "INSERT INTO users (name) VALUES ('k') ON DUPLICATE KEY UPDATE"
                                        + " user_id = LAST_INSERT_ID(user_id), visits = 9")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"useServerPrepStmts=true", "useServerPrepStmts=false"})
    void drawsTheKeyOfPreparedInserts(String parameters) throws SQLException {
        same(
                parameters,
                List.of(
                        prepared("INSERT INTO users (name) VALUES (?)", "a"),
                        prepared("INSERT INTO users (name, visits) VALUES (?, ?)", "b", 5),
                        prepared("INSERT INTO users (user_id, name) VALUES (?, ?)", null, "c"),
                        prepared("INSERT INTO users (name, user_id) VALUES (?, ?)", "d", 0),
                        prepared("INSERT INTO users (name, user_id) VALUES (?, ?)", "d", 0L),
                        prepared("INSERT INTO users (name, user_id) VALUES (?, ?)", "d", "0"),
                        prepared("INSERT INTO users (user_id, name) VALUES (NULL, ?)", "e"),
                        prepared("INSERT INTO users (user_id, name) VALUES (0, ?)", "f"),
                        prepared("INSERT INTO users VALUES (?, ?, ?)", null, null, null),
                        prepared("INSERT IGNORE INTO users VALUES (?, ?, ?)", null, null, null),
                        prepared("INSERT INTO users () VALUES ()"),
                        prepared("INSERT INTO users SET name = ?, visits = ?", "g", null),
                        prepared(
                                "INSERT INTO users (name) VALUES (?) ON DUPLICATE KEY UPDATE"
                                        + " name = ?",
                                "h",
                                "i"),
                        prepared("REPLACE INTO users (name) VALUES (?)", "j")));
    }

    @Test
    void tellsOfGivenKeysWhatMySqlTells() throws SQLException {
        same(
                "",
                List.of(
                        text("INSERT INTO users (name) VALUES ('first')"),
                        text("INSERT INTO users (user_id, name) VALUES (900001, 'a')"),
                        text("INSERT INTO users (user_id, name) VALUES (900001, 'twice')"),
                        text("INSERT IGNORE INTO users (user_id, name) VALUES (900001, 'no')"),
                        text("REPLACE INTO users (user_id, name) VALUES (900001, 'b')"),
                        text(
                                "INSERT INTO users (user_id, name) VALUES (900001, 'c')"
                                        + " ON DUPLICATE KEY UPDATE visits = visits + 1"),
                        text(
                                "INSERT INTO users (user_id, name) VALUES (900001, 'c')"
                                        + " ON DUPLICATE KEY UPDATE visits = visits"),
                        text(
                                "INSERT INTO users (user_id, name) VALUES (900001, 'c')"
                                        + " ON DUPLICATE KEY UPDATE visits = visits + 1,"
                                        + " user_id = LAST_INSERT_ID(user_id)"),
                        text(
                                "INSERT INTO users (user_id, name) VALUES (900002, 'x'), (900002, 'y')"),
                        text("INSERT INTO users (user_id, name) VALUES (-5, 'minus')"),
                        text("INSERT INTO users (name) VALUES ('next')"),
                        text("INSERT INTO users (name) VALUES (NULL)"),
                        text("INSERT IGNORE INTO users (name) VALUES (NULL)"),
                        text("INSERT INTO users (name, visits) VALUES ('x', 'y')"),
                        text("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"),
                        text("INSERT INTO users (user_id, name) VALUES (0, 'zero')"),
                        text("INSERT INTO users (user_id, name) VALUES (NULL, 'null')")));
    }

    @Test
    void drawsTheKeysOfSeveralRows() throws SQLException {
        same(
                "allowMultiQueries=true",
                "best_effort",
                List.of(
                        text("INSERT INTO users (name) VALUES ('a'), ('b'), ('c'), ('d'), ('e')"),
                        text(
                                "INSERT INTO users (name, user_id) VALUES ('f', NULL), ('g', DEFAULT)"),
                        text("INSERT INTO users (user_id, name) VALUES (0, 'h'), ('0', 'i')"),
                        text("INSERT users VALUES (NULL, 'j', 7), (NULL, 'k', 8) -- a comment"),
                        text("INSERT INTO users () VALUES (), (), ()"),
                        text("INSERT INTO users VALUES (), ()"),
                        text("INSERT INTO users (visits) VALUES (user_id + 5), (user_id)"),
                        text("REPLACE INTO users (name) VALUES ('l'), ('m'), ('n')"),
                        text("INSERT IGNORE INTO users (name) VALUES ('o'), ('p')"),
                        text(
                                "INSERT INTO users (name) VALUES ('q'), ('r') ON DUPLICATE KEY"
                                        + " UPDATE visits = 9"),
                        text("INSERT INTO users (name, visits) VALUES ('t', 'no'), ('s', 1)"),
                        text("INSERT INTO users (name) VALUES (NULL), ('u')"),
                        text("INSERT IGNORE INTO users (name, visits) VALUES ('v', 'x'), ('w', 1)"),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) VALUES (7000001, 'x'), (NULL, 'y')")),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) VALUES (7500001, 'z'), (7500002, '0')")),
                        mixed(
                                text(
                                        "INSERT IGNORE INTO users (user_id, name) VALUES (7500001, '1'), (0, '2')")),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) VALUES (7500001, '3'), (7500002,"
                                                + " '4') ON DUPLICATE KEY UPDATE visits = 3")),
                        text("BEGIN"),
                        text("INSERT INTO users (name) VALUES ('5'), ('6'), ('7')"),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) VALUES (7500001, '9'), (0, '8')")),
                        text("INSERT INTO users (name) VALUES ('10'), ('11'), ('12')"),
                        text("COMMIT"),
                        text("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) VALUES (0, 'zero'), (NULL, 'n')"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "useServerPrepStmts=true",
                "useServerPrepStmts=false",
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true"
            })
    void drawsTheKeysOfSeveralPreparedRows(String parameters) throws SQLException {
        same(
                parameters,
                "best_effort",
                List.of(
                        prepared("INSERT INTO users (name) VALUES (?), (?), (?)", "a", "b", "c"),
                        prepared(
                                "INSERT INTO users (user_id, name) VALUES (?, ?), (?, ?), (NULL, ?)",
                                null,
                                "d",
                                0,
                                "e",
                                "f"),
                        mixed(
                                prepared(
                                        "INSERT INTO users (visits, user_id, name) VALUES (?, ?, ?), (?, ?, ?)"
                                                + " ON DUPLICATE KEY UPDATE visits = ?",
                                        1,
                                        null,
                                        "g",
                                        2,
                                        8_000_001,
                                        "h",
                                        77)),
                        prepared(
                                "INSERT INTO users VALUES (?, ?, 1), (NULL, 'x', ?)", null, "i", 3),
                        side -> batch(side, 7),
                        side -> batch(side, 250)));
    }

    private static void batch(DrawnSide side, int rows) throws SQLException {
        try (PreparedStatement statement =
                side.connection()
                        .prepareStatement(
                                "INSERT INTO users (name, visits) VALUES (?, ?)",
                                Statement.RETURN_GENERATED_KEYS)) {
            for (int row = 0; row < rows; row++) {
                statement.setString(1, "batch " + row);
                statement.setInt(2, row);
                statement.addBatch();
            }
            side.told().add(statement.executeBatch().length + side.keys(statement) + side.after());
        }
    }

    @Test
    void drawsTheKeysOfSeveralRowsOfNamedStatements() throws SQLException {
        same(
                "",
                "best_effort",
                List.of(
                        text("SET @a = 'a', @n = NULL, @z = 0, @k = 8500001"),
                        text(
                                "PREPARE p FROM 'INSERT INTO users (user_id, name) VALUES (?, ?), (NULL,"
                                        + " ?), (?, ?)'"),
                        mixed(text("EXECUTE p USING @n, @a, @a, @k, @a")),
                        text("EXECUTE p USING @z, @a, @a, @z, @a"),
                        text("PREPARE p FROM 'INSERT INTO users (name) VALUES (?), (?)'"),
                        text("EXECUTE p USING @a, @k"),
                        text(
                                "PREPARE p FROM 'INSERT INTO users (name) VALUES (\\'b\\'), (\\'c\\')'"),
                        text("EXECUTE p")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"useServerPrepStmts=true", "useServerPrepStmts=false"})
    void drawsTheKeysOfSelectedRows(String parameters) throws SQLException {
        same(
                parameters,
                "best_effort",
                List.of(
                        text("INSERT INTO users (name) SELECT 'a' UNION ALL SELECT 'b'"),
                        text(
                                "INSERT INTO users (name, user_id) SELECT name, NULL FROM users ORDER BY name"),
                        text(
                                "INSERT INTO users (name, visits) SELECT name, 5 FROM users ORDER BY name"),
                        text("INSERT INTO users (name) SELECT name FROM users WHERE name = 'none'"),
                        text("INSERT INTO users (name) SELECT 'c'"),
                        text(
                                "INSERT INTO users (visits, name) SELECT 7, NULL UNION ALL SELECT 8, 'x'"),
                        mixed(
                                text(
                                        "INSERT INTO users (user_id, name) SELECT 9000001, 'd' UNION ALL SELECT 0, 'e'")),
                        mixed(text("INSERT INTO users (user_id, name) SELECT 9000001, 'd'")),
                        mixed(
                                text(
                                        "REPLACE INTO users SELECT 9000001, 'f', 1 UNION ALL SELECT NULL, 'g', 2")),
                        mixed(
                                text(
                                        "INSERT INTO users SELECT 9000001, 'h', 1 UNION ALL SELECT NULL, 'i', 2"
                                                + " ON DUPLICATE KEY UPDATE visits = 99")),
                        mixed(
                                text(
                                        "INSERT IGNORE INTO users SELECT 9000001, 'j', 1 UNION ALL SELECT NULL, 'k', 2")),
                        prepared(
                                "INSERT INTO users (name, visits) SELECT ?, ? UNION ALL SELECT ?, 5",
                                "l",
                                6,
                                "m"),
                        prepared(
                                "INSERT INTO users (user_id, name) SELECT ?, ? UNION ALL SELECT ?, 'n'",
                                null,
                                "o",
                                0),
                        text("SET @n = 'p'"),
                        text(
                                "PREPARE s FROM 'INSERT INTO users (name) SELECT ? UNION ALL SELECT name FROM users WHERE name = ?'"),
                        text("EXECUTE s USING @n, @n"),
                        text("EXECUTE s USING @n, @n"),
                        text("BEGIN"),
                        text("INSERT INTO users (name) SELECT name FROM users WHERE name = 'p'"),
                        text("ROLLBACK"),
                        text("INSERT INTO users (name) SELECT name FROM users WHERE name = 'p'")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SW-2007 INSERT INTO users (name) VALUES ('a'), ('b')",
                "SW-2007 INSERT INTO users (user_id, name) VALUES (NULL, 'a'), (5, 'b')",
                "SW-2007 INSERT INTO users (user_id, name) VALUES (0, 'a'), (0, 'b')",
                "SW-2031 INSERT INTO users (name) VALUES ('a'), (UUID())",
                "SW-2007 INSERT INTO users (name) SELECT 'a' UNION ALL SELECT 'b'"
            })
    void refusesToDrawKeysForSeveralRowsOnOneShard(String refused) throws SQLException {
        String sql = refused.substring(8);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .hasMessageContaining(refused.substring(0, 7));
        }
    }

    @Test
    void drawsTheKeyBesideAValueSentInPieces() throws SQLException {
        same(
                "useServerPrepStmts=true",
                List.of(side -> {
                    try (PreparedStatement statement =
                            side.connection()
                                    .prepareStatement(
                                            "INSERT INTO users (user_id, visits, name) VALUES (NULL, ?, ?)",
                                            Statement.RETURN_GENERATED_KEYS)) {
                        statement.setInt(1, 5);
                        statement.setBinaryStream(
                                2, new java.io.ByteArrayInputStream("long".getBytes(US_ASCII)));
                        side.told()
                                .add(
                                        statement.executeUpdate()
                                                + side.keys(statement)
                                                + side.after());
                    }
                }));
    }

    @Test
    void keepsATransactionOnTheShardItHasWritten() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int n = 0; n < 20; n++) {
                statement.execute("INSERT INTO users (name) VALUES ('together')");
            }
            connection.commit();
        }
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT COUNT(*) FROM users WHERE name = 'together'")) {
                row.next();
                assertThat(row.getInt(1)).isIn(0, 20);
            }
        }
    }
}
