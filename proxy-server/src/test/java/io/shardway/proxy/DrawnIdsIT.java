package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables with an AUTO_INCREMENT column that is not the shard key, side by side with one MySQL
 * server: rows of several shards in one statement. Ids are named by the order in which they turn
 * up.
 */
class DrawnIdsIT {

    private static final String ORDERS =
            """
            CREATE TABLE orders (
              id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
              user_id BIGINT NOT NULL,
              name VARCHAR(40) NOT NULL DEFAULT 'nothing',
              n INT DEFAULT 0,
              UNIQUE KEY by_name (user_id, name, id),
              UNIQUE KEY by_n (user_id, n))
            """;

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"));
        SideBySide.prepare(proxy, ORDERS);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private interface Step {
        void on(DrawnSide side) throws SQLException;
    }

    /** Odd numbers in angle brackets are keys of shard 1, even ones of shard 2. */
    private static String keyed(String sql) {
        return Pattern.compile("<(\\d+)>")
                .matcher(sql)
                .replaceAll(number -> Long.toString(key(Integer.parseInt(number.group(1)))));
    }

    private static long key(int number) {
        return proxy.keyOn(number % 2 == 1 ? 1 : 2, number / 2);
    }

    private static Step text(String sql) {
        return side -> side.run(keyed(sql));
    }

    /** Where not all rows draw: all keys but the first one are the driver's inventions. */
    private static Step mixed(String sql) {
        return mixed(text(sql));
    }

    private static Step mixed(Step step) {
        return side -> {
            side.firstKeyOnly(true);
            step.on(side);
            side.firstKeyOnly(false);
        };
    }

    private static Step prepared(String sql, Object... values) {
        return side -> side.run(keyed(sql), values);
    }

    /** Runs statements on both sides and wants the same to be told and stored. */
    private static void same(String parameters, Step... steps) throws SQLException {
        try (DrawnSide here = new DrawnSide(proxy.connect(parameters));
                DrawnSide there = new DrawnSide(SideBySide.direct(proxy, parameters))) {
            clear();
            for (Step step : steps) {
                step.on(here);
                step.on(there);
            }
            assertThat(here.told()).isEqualTo(there.told());
            assertThat(rows(here, nodes())).isEqualTo(rows(there, List.of(alone())));
        }
    }

    private static List<Connection> nodes() throws SQLException {
        return List.of(proxy.onShard(1), proxy.onShard(2));
    }

    private static Connection alone() throws SQLException {
        return proxy.cluster().primary(1).connect(SideBySide.directSchema(proxy));
    }

    private static void clear() throws SQLException {
        for (Connection node : List.of(proxy.onShard(1), proxy.onShard(2), alone())) {
            try (node;
                    Statement statement = node.createStatement()) {
                statement.execute("DELETE FROM orders");
            }
        }
    }

    /** The names of the ids of rows that are equal otherwise. */
    private static Map<String, Set<String>> rows(DrawnSide side, List<Connection> nodes)
            throws SQLException {
        var ids = new TreeMap<String, Set<Long>>();
        var all = new HashSet<Long>();
        for (Connection node : nodes) {
            try (node;
                    Statement statement = node.createStatement();
                    ResultSet found =
                            statement.executeQuery(
                                    "SELECT id, CONCAT_WS(' ', user_id, name, n) FROM orders")) {
                while (found.next()) {
                    ids.computeIfAbsent(found.getString(2), _ -> new TreeSet<>())
                            .add(found.getLong(1));
                    assertThat(all.add(found.getLong(1))).isTrue();
                }
            }
        }
        var rows = new TreeMap<String, Set<String>>();
        ids.forEach((row, each) ->
                rows.put(row, each.stream().map(side::name).collect(Collectors.toSet())));
        return rows;
    }

    @Test
    void drawsForRowsOfSeveralShards() throws SQLException {
        same(
                "allowMultiQueries=true",
                text("INSERT INTO orders (user_id, n) VALUES (<1>, 1), (<2>, 2), (<3>, 3)"),
                text(
                        "INSERT INTO orders (n, user_id, id) VALUES (4, <2>, NULL), (5, <1>, DEFAULT)"),
                text("INSERT INTO orders (id, user_id, n) VALUES (0, <2>, 6), ('0', <1>, 7)"),
                text("INSERT orders VALUES (NULL, <1>, 'j', 8), (NULL, <2>, 'k', 9) -- a comment"),
                text("INSERT INTO orders (user_id, n) VALUES (<2>, id + 5), (<1>, id)"),
                text("REPLACE INTO orders (user_id, n) VALUES (<4>, 1), (<3>, 2), (<2>, 30)"),
                text("INSERT IGNORE INTO orders (user_id, n) VALUES (<4>, 2), (<5>, 2)"),
                text("INSERT INTO orders (user_id, n) VALUES (<6>, 'no'), (<5>, 1)"),
                text("INSERT INTO orders (user_id, name, n) VALUES (<6>, NULL, 5), (<5>, 'x', 1)"),
                text(
                        "INSERT IGNORE INTO orders (user_id, name, n) VALUES (<6>, 'v', 'x'), (<5>, 'w', 99)"),
                text("INSERT INTO orders (user_id, n) VALUES (<7>, 1), (<9>, 1)"),
                text("BEGIN"),
                text("INSERT INTO orders (user_id, n) VALUES (<7>, 2), (<8>, 2), (<9>, 2)"),
                text("INSERT INTO orders (user_id, n) VALUES (<8>, 3), (<7>, 3), (<9>, 3)"),
                text("COMMIT"),
                text("BEGIN"),
                text("INSERT INTO orders (user_id, n) VALUES (<7>, 4), (<8>, 4), (<9>, 4)"),
                text("ROLLBACK"),
                text("INSERT INTO orders (user_id, n) VALUES (<8>, 5)"),
                text("INSERT INTO orders (user_id, n) VALUES (<9>, 5), (<8>, 6)"));
    }

    @Test
    void tellsOfRowsThatAreThereWhatMySqlTells() throws SQLException {
        same(
                "",
                text("INSERT INTO orders (user_id, n) VALUES (<1>, 1), (<2>, 2), (<3>, 3)"),
                text("INSERT INTO orders (user_id, n) VALUES (<2>, 2), (<1>, 8), (<4>, 1)"),
                mixed("INSERT IGNORE INTO orders (user_id, n) VALUES (<1>, 1), (<2>, 2)"),
                mixed("INSERT IGNORE INTO orders (user_id, n) VALUES (<1>, 1), (<2>, 3), (<3>, 4)"),
                mixed("REPLACE INTO orders (user_id, name, n) VALUES (<1>, 'r', 1), (<2>, 'r', 2)"),
                mixed(
                        "INSERT INTO orders (user_id, n) VALUES (<1>, 1), (<2>, 5), (<3>, 3) ON DUPLICATE"
                                + " KEY UPDATE name = 'updated'"),
                mixed(
                        "INSERT INTO orders (user_id, n) VALUES (<4>, 1), (<1>, 1) ON DUPLICATE KEY UPDATE"
                                + " name = 'again'"),
                mixed(
                        "INSERT INTO orders (user_id, n) VALUES (<4>, 1), (<1>, 1) ON DUPLICATE KEY UPDATE"
                                + " name = 'and again'"),
                mixed(
                        "INSERT INTO orders (user_id, n) VALUES (<4>, 1), (<1>, 1) ON DUPLICATE KEY UPDATE"
                                + " n = VALUES(n) + 100, name = 'moved'"));
    }

    @Test
    void drawsBesideRowsThatGiveTheirIds() throws SQLException {
        same(
                "",
                mixed(
                        "INSERT INTO orders (id, user_id, n) VALUES (7000001, <1>, 1), (NULL, <2>, 1)"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) VALUES (NULL, <1>, 2), (7000128, <2>, 2)"),
                mixed("INSERT INTO orders (id, user_id, n) VALUES (7100032, <3>, 1), (0, <4>, 1)"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) VALUES (7200000, <3>, 2), (7200064, <4>, 2)"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) VALUES (7300032, <5>, 1), (7300033, <5>, 2)"),
                text("INSERT INTO orders (user_id, n) VALUES (<5>, 3), (<6>, 3)"),
                mixed("INSERT INTO orders (id, user_id, n) VALUES (7400000, <5>, 4)"),
                mixed("INSERT INTO orders SET user_id = <6>, id = 7400064, n = 4"),
                text("INSERT INTO orders (user_id, n) VALUES (<5>, 5), (<6>, 5), (<5>, 6)"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) VALUES (7400000, <5>, 4), (NULL, <6>, 7) ON"
                                + " DUPLICATE KEY UPDATE name = 'there'"),
                mixed(
                        "REPLACE INTO orders (id, user_id, n) VALUES (7400000, <5>, 8), (NULL, <6>, 8)"),
                text("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"),
                mixed("INSERT INTO orders (id, user_id, n) VALUES (0, <7>, 1), (NULL, <8>, 1)"),
                mixed("INSERT INTO orders (user_id, n) VALUES (<7>, 2), (<8>, 2)"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "useServerPrepStmts=true",
                "useServerPrepStmts=false",
                "rewriteBatchedStatements=true",
                "rewriteBatchedStatements=true&useServerPrepStmts=true"
            })
    void drawsForPreparedRows(String parameters) throws SQLException {
        same(
                parameters,
                prepared(
                        "INSERT INTO orders (user_id, n) VALUES (?, NULL), (<2>, ?), (?, NULL)",
                        key(1),
                        null,
                        key(3)),
                prepared(
                        "INSERT INTO orders (id, user_id, name, n) VALUES (?, <1>, ?, NULL), (?, <2>, ?,"
                                + " NULL), (NULL, <3>, ?, NULL)",
                        null,
                        "d",
                        0,
                        "e",
                        "f"),
                mixed(
                        prepared(
                                "INSERT INTO orders (n, id, user_id) VALUES (?, ?, <1>), (?, ?, <2>)"
                                        + " ON DUPLICATE KEY UPDATE name = ?",
                                1,
                                null,
                                2,
                                8_000_001,
                                "h")),
                prepared(
                        "INSERT INTO orders VALUES (?, <5>, ?, NULL), (NULL, <6>, 'x', ?)",
                        null,
                        "i",
                        null),
                side -> batch(side, 7, 0),
                side -> batch(side, 250, 1000));
    }

    private static void batch(DrawnSide side, int rows, int from) throws SQLException {
        try (PreparedStatement statement =
                side.connection()
                        .prepareStatement(
                                "INSERT INTO orders (name, user_id, n) VALUES (?, ?, ?)",
                                Statement.RETURN_GENERATED_KEYS)) {
            for (int row = 0; row < rows; row++) {
                statement.setString(1, "batch " + row);
                statement.setLong(2, key(row % 5 + 1));
                statement.setInt(3, from + row);
                statement.addBatch();
            }
            side.told().add(statement.executeBatch().length + side.keys(statement) + side.after());
        }
    }

    @Test
    void drawsForRowsOfNamedStatements() throws SQLException {
        same(
                "",
                text("SET @a = 'a', @n = NULL, @z = 0, @k = 8500001"),
                text(
                        "PREPARE p FROM 'INSERT INTO orders (id, user_id, name, n) VALUES (?, <1>, ?, NULL),"
                                + " (NULL, <2>, ?, NULL), (?, <3>, ?, NULL)'"),
                mixed("EXECUTE p USING @n, @a, @a, @k, @a"),
                text("EXECUTE p USING @z, @a, @a, @z, @a"),
                text("PREPARE p FROM 'INSERT INTO orders (user_id, n) VALUES (<1>, ?), (<2>, ?)'"),
                text("EXECUTE p USING @n, @k"),
                text("PREPARE p FROM 'INSERT INTO orders (user_id, n) VALUES (<3>, 6), (<4>, 7)'"),
                text("EXECUTE p"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"useServerPrepStmts=true", "useServerPrepStmts=false"})
    void drawsForSelectedRows(String parameters) throws SQLException {
        same(
                parameters,
                text("INSERT INTO orders (user_id, n) SELECT <1>, 1 UNION ALL SELECT <2>, 2"),
                text(
                        "INSERT INTO orders (n, user_id, id) SELECT n + 10, user_id, NULL FROM orders ORDER BY n"),
                text("INSERT INTO orders SELECT 0, user_id, 'zero', n + 20 FROM orders ORDER BY n"),
                text("INSERT INTO orders (user_id, n) SELECT user_id, n FROM orders WHERE n = 77"),
                text("INSERT INTO orders (user_id, n) SELECT <3>, 1"),
                text("INSERT INTO orders (user_id, n) SELECT <3>, 2 UNION ALL SELECT <3>, 3"),
                text("INSERT INTO orders (user_id, n) SELECT <3>, 1 UNION ALL SELECT <4>, 1"),
                text(
                        "INSERT INTO orders (user_id, name) SELECT <3>, NULL UNION ALL SELECT <4>, 'x'"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) SELECT 9000001, <5>, 1 UNION ALL SELECT 0, <6>, 1"),
                mixed("INSERT INTO orders (id, user_id, n) SELECT 9000064, <5>, 2"),
                mixed(
                        "REPLACE INTO orders SELECT 9000001, <5>, 'f', 1 UNION ALL SELECT NULL, <6>, 'g', 2"),
                mixed(
                        "INSERT INTO orders SELECT 9000001, <5>, 'h', 1 UNION ALL SELECT NULL, <6>, 'i', 3"
                                + " ON DUPLICATE KEY UPDATE name = 'there'"),
                mixed(
                        "INSERT IGNORE INTO orders SELECT 9000001, <5>, 'h', 1 UNION ALL SELECT NULL, <6>,"
                                + " 'i', 4"),
                mixed(
                        "INSERT IGNORE INTO orders (user_id, n) SELECT <6>, 4 UNION ALL SELECT <5>, 5 UNION"
                                + " ALL SELECT <6>, 5"),
                prepared(
                        "INSERT INTO orders (user_id, n) SELECT <7>, ? UNION ALL SELECT <8>, ?",
                        null,
                        null),
                text("SET @n = NULL"),
                text(
                        "PREPARE s FROM 'INSERT INTO orders (user_id, n) SELECT <8>, ? UNION ALL SELECT <7>, ?'"),
                text("EXECUTE s USING @n, @n"),
                text("BEGIN"),
                text(
                        "INSERT INTO orders (user_id, n) SELECT user_id, n + 100 FROM orders ORDER BY user_id, n, name"),
                text("ROLLBACK"),
                text(
                        "INSERT INTO orders (user_id, n) SELECT user_id, n + 200 FROM orders WHERE n < 5 ORDER BY user_id, n, name"),
                text("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"),
                mixed(
                        "INSERT INTO orders (id, user_id, n) SELECT 0, <7>, 1 UNION ALL SELECT NULL, <8>, 1"));
    }
}
