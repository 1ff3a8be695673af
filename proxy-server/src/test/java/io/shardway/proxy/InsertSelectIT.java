package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** INSERT and REPLACE ... SELECT over several shards, compared with one MySQL. */
@Timeout(120)
class InsertSelectIT {

    private static final String ROWS =
            "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 1, 1, 'a'), (<2>, 1, 1, 'b'),"
                    + " (<3>, 1, 1, 'c'), (<4>, 1, 1, 'd'), (<5>, 1, 1, 'e'), (<6>, 1, 1, 'f')";

    private static final String TYPES =
            " (user_id BIGINT NOT NULL PRIMARY KEY, i INT UNSIGNED, b BIGINT UNSIGNED, t TINYINT,"
                    + " d DECIMAL(20,6), f FLOAT, g DOUBLE, c CHAR(4) CHARACTER SET latin1, v VARCHAR(30),"
                    + " x VARBINARY(20), o BLOB, e ENUM('one','two','Drei'), s SET('p','q','r'), da DATE,"
                    + " dt DATETIME(3), ti TIME(2), ts TIMESTAMP(6) NULL, y YEAR, j JSON, bi BIT(11),"
                    + " gv INT GENERATED ALWAYS AS (i + 1) VIRTUAL, gs VARCHAR(40) AS (CONCAT(v, '!')) STORED,"
                    + " p POINT, def VARCHAR(10) DEFAULT 'def', made TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6))";

    private static final String TYPED =
            "user_id, i, b, t, d, f, g, c, v, x, o, e, s, da, dt, ti, ts, y, j, bi, p";

    private static final String MANY =
            "CREATE TABLE made WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM c WHERE i"
                    + " < 900) SELECT user_id, i, REPEAT('x', 2000) AS t FROM items, c";

    private static WritesTwin twin;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException, IOException {
        twin =
                WritesTwin.start(
                        WritesTwin.ITEMS,
                        "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                                + " user_id BIGINT NOT NULL, n INT)",
                        "CREATE TABLE more (user_id BIGINT NOT NULL PRIMARY KEY, n INT)",
                        WritesTwin.ITEMS.replace("TABLE items", "TABLE taken"),
                        "CREATE TABLE typed" + TYPES,
                        "CREATE TABLE copied" + TYPES,
                        "CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT, what"
                                + " VARCHAR(20)) COMMENT 'shardway:single'",
                        "CREATE TABLE kinds (n INT NOT NULL PRIMARY KEY, label VARCHAR(10))"
                                + " COMMENT 'shardway:reference'");
        nodes = new NodeSide(twin.proxy());
        twin.same("INSERT INTO kinds VALUES (1, 'first'), (2, 'second')");
    }

    @AfterAll
    static void stop() throws SQLException, IOException {
        twin.close();
    }

    @BeforeEach
    void rows() throws SQLException, IOException {
        twin.same("ROLLBACK");
        twin.same(
                "SET autocommit = 1",
                "SET sql_mode = DEFAULT",
                "DELETE FROM items",
                ROWS,
                "DELETE FROM more",
                "DELETE FROM orders");
    }

    @AfterEach
    void clean() {
        threads.close();
        nodes.awaitClean();
    }

    private static Object run(Connection connection, String... all) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : all) {
                statement.execute(twin.keyed(sql));
            }
            return "done";
        }
    }

    private static void sameMore(String... statements) throws Exception {
        for (String sql : statements) {
            if (sql.contains("IGNORE")) {
                twin.sameButForErrors(sql);
            } else {
                twin.same(sql);
            }
            twin.both().same("SELECT * FROM more ORDER BY user_id");
        }
    }

    /** Conditions without a row's number come shard by shard. */
    private static void sameTaken(String... statements) throws Exception {
        for (String sql : statements) {
            if (sql.contains("IGNORE")) {
                twin.sameButForErrors(sql);
            } else {
                twin.same(sql);
            }
            twin.both().same("SELECT user_id, seq, n, name FROM taken ORDER BY user_id, seq");
        }
    }

    @Test
    void storesWhatItSelects() throws Exception {
        twin.same(
                "INSERT INTO items SELECT user_id, 2, n + 1, UPPER(name), at FROM items",
                "INSERT INTO items (name, seq, user_id) SELECT MAX(name), 3, user_id FROM items GROUP BY user_id",
                "INSERT INTO items (user_id, seq, n) SELECT user_id + 1000000, COUNT(*), NULL FROM items GROUP BY user_id",
                "INSERT INTO items (user_id, seq) SELECT a.user_id, 50 + b.seq FROM items a JOIN items b ON a.n ="
                        + " b.n AND a.user_id = <1> AND b.seq = 2 AND b.user_id = <2>",
                "INSERT INTO items (user_id, seq, name) WITH w AS (SELECT user_id FROM items WHERE seq = 1) SELECT"
                        + " user_id, 60, 'w' FROM w WHERE user_id > 0",
                "INSERT INTO items (user_id, seq, n) SELECT user_id, 70, n + 70 FROM items WHERE seq = 1 UNION SELECT"
                        + " user_id, 71, 5 FROM items WHERE seq = 2",
                "INSERT INTO items (user_id, seq, n) SELECT <1>, 80, 11 UNION ALL SELECT <2>, 80, 12",
                "INSERT INTO items (user_id, seq, name) SELECT user_id, 90, k.label FROM items JOIN kinds k ON k.n"
                        + " = items.seq AND k.n = 9",
                "INSERT INTO items SELECT * FROM items WHERE seq = 12345",
                "REPLACE INTO items SELECT user_id, seq, n + 5, 'r', NULL FROM items WHERE seq < 3");
    }

    @Test
    void duplicatesAreJudgedInTheOrderOfTheSelect() throws Exception {
        sameMore(
                "INSERT INTO more SELECT user_id, n FROM items",
                "INSERT IGNORE INTO more SELECT user_id + (seq - 1) * 64000000, 7 FROM items ORDER BY user_id",
                "INSERT INTO items SELECT user_id, 2, 2, 'zz', NULL FROM items",
                "REPLACE INTO more SELECT user_id, n FROM items ORDER BY n DESC, user_id",
                "REPLACE INTO more SELECT user_id, n FROM items ORDER BY n, user_id",
                "INSERT INTO more SELECT user_id, n FROM items ORDER BY n, user_id ON DUPLICATE KEY UPDATE n ="
                        + " more.n * 10 + VALUES(n)",
                "INSERT INTO more (n, user_id) SELECT items.n, user_id FROM items ORDER BY user_id, items.n ON"
                        + " DUPLICATE KEY UPDATE n = VALUES(n)",
                "INSERT INTO more SELECT IF(user_id = <3>, user_id, user_id + 6400000), n FROM items WHERE seq = 1 ORDER BY user_id",
                "INSERT IGNORE INTO more SELECT user_id, n FROM items WHERE user_id = <3> UNION ALL SELECT <7>, 9"
                        + " ORDER BY 1");
    }

    @Test
    void convertsWarnsAndFailsAsOneMySql() throws Exception {
        twin.same("DELETE FROM taken");
        sameTaken(
                "INSERT INTO taken (user_id, seq, name) SELECT user_id, 9, CONCAT(name, '-much too long') FROM items ORDER BY user_id",
                "INSERT INTO taken (user_id, seq, n) SELECT user_id, 9, name FROM items ORDER BY user_id",
                "INSERT INTO taken (user_id, seq, n) SELECT user_id, 9, 1 DIV 0 FROM items ORDER BY user_id",
                "INSERT INTO taken (user_id, seq) SELECT user_id, NULLIF(n, 1) FROM items ORDER BY user_id",
                "INSERT INTO taken (user_id, seq) SELECT NULLIF(user_id, <3>), 9 FROM items ORDER BY user_id",
                "INSERT INTO taken (user_id, n) SELECT user_id, 5 FROM items ORDER BY user_id",
                "INSERT INTO taken SELECT user_id, 9 FROM items",
                "INSERT INTO taken (user_id, nothing) SELECT user_id, 9 FROM items",
                "INSERT INTO taken (user_id, seq) SELECT user_id, nothing FROM items",
                "INSERT IGNORE INTO taken (user_id, seq, name) SELECT user_id, 9, CONCAT(name, '-much too long') FROM items ORDER BY user_id",
                "INSERT IGNORE INTO taken (user_id, seq, n) SELECT user_id, NULLIF(seq, 1), name FROM items ORDER BY user_id, seq",
                "SET sql_mode = ''",
                "INSERT INTO taken (user_id, seq, name, n) SELECT user_id, 10, CONCAT(name, '-much too long'), CONCAT('7', name) FROM items WHERE seq = 1 ORDER BY user_id",
                "DELETE FROM taken",
                "INSERT INTO taken (user_id, n) SELECT user_id, 15 FROM items WHERE seq = 1 ORDER BY user_id",
                "REPLACE INTO taken (user_id, seq, at) SELECT user_id, 11, 'no time' FROM items WHERE seq = 1 ORDER BY user_id",
                "SET sql_mode = DEFAULT");
    }

    @Test
    void valuesOfAllTypesArriveAsTheyAre() throws Exception {
        try {
            for (String sql :
                    new String[] {
                        "DELETE FROM typed",
                        "DELETE FROM copied",
                        "SET time_zone = 'Europe/Berlin'",
                        "INSERT INTO typed ("
                                + TYPED
                                + ") VALUES (<1>, 4294967295, 18446744073709551615, -128,"
                                + " -12345678901234.123456, 1.1, -0.0, 'äß', 'Grüße 😀 ', x'00ff10', x'', 'Drei',"
                                + " 'p,r', '9999-12-31', '2024-02-29 23:59:59.999', '-838:59:59',"
                                + " '2023-06-01 10:00:00.123456', 1901, '{\"a\": [1, \"x\", null, true]}', b'10000000001',"
                                + " ST_PointFromText('POINT(1 2)'))",
                        "INSERT INTO typed (user_id, v, ts, y, j, s) VALUES (<2>, '', FROM_UNIXTIME(1698538500), 0, '\"ü\"', '')",
                        "INSERT INTO typed (user_id, v, ts, g, f) VALUES (<3>, 'x', FROM_UNIXTIME(1698542100), 1e300, 3.4e38)",
                        "INSERT INTO typed (user_id, c, x) VALUES (<4>, '', x'2000')",
                        "INSERT INTO copied (" + TYPED + ") SELECT " + TYPED + " FROM typed",
                        "INSERT INTO copied (user_id, i, v, ts) SELECT user_id + 6400000, i, v, ts FROM typed"
                                + " ON DUPLICATE KEY UPDATE v = VALUES(v)",
                        "INSERT INTO copied (user_id, ts, j, da, dt, e) SELECT user_id + 12800000, dt, CAST(user_id * 0 AS JSON), dt, da, i * 0 + 1 FROM typed"
                    }) {
                twin.same(sql);
            }
            for (String zone : new String[] {"+00:00", "Europe/Berlin"}) {
                twin.both().same("SET time_zone = '" + zone + "'");
                twin.both()
                        .same(
                                "SELECT "
                                        + TYPED.replace(", p", ", HEX(ST_AsBinary(p))")
                                                .replace("bi", "bi + 0")
                                        + ", gv, gs, def, UNIX_TIMESTAMP(ts), HEX(v), HEX(c), f + 0e0 FROM copied"
                                        + " ORDER BY user_id");
            }
        } finally {
            twin.same("SET time_zone = DEFAULT");
            twin.both().same("SET time_zone = DEFAULT");
        }
    }

    @Test
    void aStatementHasOneTimeAndTheDefaultsOfItsTable() throws Exception {
        Connection client = twin.both().proxied();
        run(
                client,
                "DELETE FROM copied",
                "INSERT INTO copied (user_id, dt) SELECT user_id, NOW(3) FROM items");
        try (Statement statement = client.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*), COUNT(DISTINCT made), COUNT(DISTINCT dt), MIN(def) FROM copied")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(6);
            assertThat(rows.getInt(2)).isEqualTo(1);
            assertThat(rows.getInt(3)).isEqualTo(1);
            assertThat(rows.getString(4)).isEqualTo("def");
        }
        run(client, "DELETE FROM copied");
    }

    @Test
    void seesAndKeepsTheRowsOfItsTransaction() throws Exception {
        twin.same(
                "BEGIN",
                "UPDATE items SET n = 5 WHERE user_id IN (<1>, <2>)",
                "INSERT INTO items SELECT user_id, 2, n + 100, 'tx', NULL FROM items",
                "SAVEPOINT a",
                "INSERT INTO items SELECT user_id, 3, n * 10 + 200, 'tx', NULL FROM items WHERE seq = 1 OR user_id = <1>",
                "INSERT INTO items SELECT user_id, 3 - (user_id = <4>), n * 10 + 500, 'tx', NULL FROM items WHERE seq = 1",
                "INSERT INTO items SELECT user_id, 4, n * 100 + 7, 'sp', NULL FROM items WHERE seq = 1",
                "ROLLBACK TO a",
                "INSERT INTO items SELECT user_id, 5, n * 1000 + 7, 'sp', NULL FROM items WHERE seq = 1",
                "COMMIT",
                "SET autocommit = 0",
                "INSERT INTO items SELECT user_id, 6, 66, 'sp', NULL FROM items WHERE seq = 1",
                "ROLLBACK",
                "INSERT INTO items SELECT user_id, 7, 77, 'sp', NULL FROM items WHERE seq = 1",
                "SET autocommit = 1");
    }

    @Test
    void preparedStatementsDoTheSame() throws Exception {
        try (SideBySide both = SideBySide.open(twin.proxy(), "useServerPrepStmts=true")) {
            for (Object[] each :
                    new Object[][] {
                        {
                            "INSERT INTO items (user_id, seq, n, name) SELECT user_id, ?, n + ?, ? FROM items WHERE seq < ?",
                            20,
                            4,
                            "p",
                            2
                        },
                        {
                            "INSERT INTO items (user_id, seq) SELECT user_id, ? FROM items WHERE seq = 1",
                            "x"
                        },
                        {
                            "REPLACE INTO items (user_id, seq, n) SELECT ?, 21, n FROM items WHERE user_id = ? AND seq = 1",
                            twin.key(1),
                            twin.key(2)
                        },
                        {
                            "REPLACE INTO items (user_id, seq, n) SELECT ?, 21, n FROM items WHERE user_id = ? AND seq = 1",
                            twin.key(2),
                            twin.key(2)
                        },
                        {
                            "INSERT INTO more SELECT user_id, seq FROM items WHERE seq = ? ON DUPLICATE KEY UPDATE n = VALUES(n) + 1",
                            20
                        },
                    }) {
                for (int round = 0; round < 2; round++) {
                    Object[] values = java.util.Arrays.copyOfRange(each, 1, each.length);
                    String there = WritesTwin.prepared(both.direct(), (String) each[0], values);
                    assertThat(WritesTwin.prepared(both.proxied(), (String) each[0], values))
                            .as((String) each[0])
                            .isEqualTo(there);
                    twin.sameRows();
                }
            }
        }
    }

    @Test
    void manyRowsAreStoredInParts() throws Exception {
        String digits =
                "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"
                        + " UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
        twin.same(
                "INSERT INTO items (user_id, seq, n) SELECT user_id, 1000 + a.d * 100 + b.d * 10 + c.d, NULL FROM items, %s a, %s b, %s c"
                        .formatted(digits, digits, digits),
                "REPLACE INTO items (user_id, seq, n) SELECT user_id, seq + 500, NULL FROM items ORDER BY user_id, seq",
                "INSERT INTO items (user_id, seq, n) SELECT user_id, seq + 500, seq FROM items ORDER BY user_id, seq ON"
                        + " DUPLICATE KEY UPDATE name = 'dup'");
    }

    @Test
    void singleTablesTakeRowsOfAllShards() throws Exception {
        twin.both().same("DELETE FROM notes");
        twin.both().same("ALTER TABLE notes AUTO_INCREMENT = 1");
        Connection client = twin.both().proxied();
        run(client, "SHARDWAY SET transaction_mode = single");
        try {
            run(client, "INSERT INTO notes (n, what) SELECT n, name FROM items ORDER BY user_id");
            run(
                    twin.both().direct(),
                    "INSERT INTO notes (n, what) SELECT n, name FROM items ORDER BY user_id");
            twin.both().same("SELECT n, what FROM notes ORDER BY id");
            try (Statement statement = client.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT LAST_INSERT_ID() = MIN(id), COUNT(*) FROM notes")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(1);
                assertThat(row.getInt(2)).isEqualTo(6);
            }
        } finally {
            run(client, "SHARDWAY SET transaction_mode = best_effort");
        }
    }

    @Test
    void singleRefusesRowsOfSeveralShards() throws Exception {
        try (Connection client = twin.proxy().connect()) {
            run(client, "SHARDWAY SET transaction_mode = single");
            assertThatThrownBy(() -> run(client, "INSERT INTO more SELECT user_id, n FROM items"))
                    .hasMessageContaining("SW-2007")
                    .hasMessageContaining("transaction_mode");
            twin.both().same("SELECT * FROM more");
            run(client, "INSERT INTO more SELECT user_id, n FROM items WHERE user_id + 0 = <1>");
            run(client, "BEGIN", "UPDATE items SET n = 3 WHERE user_id = <2>");
            assertThatThrownBy(() ->
                            run(
                                    client,
                                    "INSERT INTO more SELECT user_id, n FROM items WHERE user_id + 0 = <3>"))
                    .hasMessageContaining("SW-4006");
            run(client, "ROLLBACK");
        }
        run(
                twin.both().direct(),
                "INSERT INTO more SELECT user_id, n FROM items WHERE user_id = <1>");
        twin.both().same("SELECT * FROM more");
    }

    @Test
    void whatIsDrawnForRowsOfOneShardIsTheShards() throws Exception {
        String drawing = "INSERT INTO orders (user_id, n) SELECT <1>, n FROM items";
        Connection client = twin.both().proxied();
        run(client, drawing);
        try (Statement statement = client.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT LAST_INSERT_ID() = MIN(id), COUNT(*) FROM orders")) {
            row.next();
            assertThat(row.getInt(1)).isEqualTo(1);
            assertThat(row.getInt(2)).isEqualTo(6);
        }
        run(client, "DELETE FROM orders");
        twin.same("INSERT INTO orders SELECT user_id + 5, user_id, n FROM items ORDER BY user_id");
        twin.both().same("SELECT * FROM orders ORDER BY id");
    }

    @Test
    void rowsThatAreReadCannotChangeMeanwhile() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection other = twin.proxy().connect()) {
            run(client, "BEGIN", "INSERT INTO more SELECT user_id, n FROM items");
            run(other, "SET innodb_lock_wait_timeout = 1");
            for (int key = 1; key <= 2; key++) {
                String change = "UPDATE items SET n = 99 WHERE user_id = <" + key + ">";
                assertThatThrownBy(() -> run(other, change)).hasMessageContaining("Lock wait");
            }
            run(client, "ROLLBACK");
        }
    }

    @Test
    void whatFailsOnOneShardLeavesNothing() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "SET innodb_lock_wait_timeout = 1");
            run(node, "BEGIN", "INSERT INTO more SELECT user_id, 5 FROM items");
            assertThatThrownBy(() -> run(client, "INSERT INTO more SELECT user_id, n FROM items"))
                    .hasMessageContaining("Lock wait timeout");
            run(client, "BEGIN", "UPDATE items SET n = 1 WHERE user_id = <1>");
            assertThatThrownBy(() -> run(client, "INSERT INTO more SELECT user_id, n FROM items"))
                    .hasMessageContaining("Lock wait timeout");
            run(client, "COMMIT");
            run(node, "ROLLBACK");
        }
        twin.both().same("SELECT * FROM more");
        twin.sameRows();
    }

    @Test
    void aLostShardOrAKillLeavesNothing() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection killer = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            for (String before : new String[] {"SET @none = 1", "BEGIN"}) {
                run(node, "BEGIN", "INSERT INTO more SELECT user_id, 5 FROM items");
                run(client, before);
                Future<?> storing =
                        threads.submit(() ->
                                run(
                                        client,
                                        "INSERT INTO more SELECT user_id, LENGTH(name) FROM items"));
                nodes.kill(2, nodes.awaitRunning(2, "INSERT INTO more%"));
                assertThatThrownBy(storing::get).hasMessageContaining("SW-4002");
                run(node, "ROLLBACK");
                run(client, "ROLLBACK");
                twin.both().same("SELECT * FROM more");
                run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
                run(client, before);
                Future<?> reading =
                        threads.submit(() ->
                                run(
                                        client,
                                        "INSERT INTO more SELECT user_id, LENGTH(name) FROM items"));
                nodes.kill(2, nodes.awaitRunning(2, "SELECT % FOR SHARE"));
                assertThatThrownBy(reading::get).hasMessageContaining("SW-4002");
                run(node, "ROLLBACK");
                run(client, "ROLLBACK");
                twin.both().same("SELECT * FROM more");
            }
            long id;
            try (Statement statement = client.createStatement();
                    ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            for (String lock :
                    new String[] {
                        "SELECT * FROM items FOR UPDATE",
                        "INSERT INTO more SELECT user_id, 5 FROM items"
                    }) {
                run(node, "BEGIN", lock);
                Future<?> write =
                        threads.submit(() ->
                                run(
                                        client,
                                        "INSERT INTO more SELECT user_id, LENGTH(name) FROM items"));
                nodes.awaitRunning(
                        2, lock.startsWith("S") ? "SELECT % FOR SHARE" : "INSERT INTO more%");
                run(killer, "KILL QUERY " + id);
                assertThatThrownBy(write::get).hasMessageContaining("interrupted");
                run(node, "ROLLBACK");
                twin.both().same("SELECT * FROM more");
            }
        }
    }

    private static void sameTable(String create, String columns) throws Exception {
        String answer = twin.same(create);
        if (!answer.startsWith("error")) {
            twin.both().same("SHOW CREATE TABLE made");
            twin.both().same("SELECT " + columns + " FROM made ORDER BY " + columns);
            twin.same("DROP TABLE made");
        }
        assertNothingLeft();
    }

    /** No table that is not whole. */
    private static void assertNothingLeft() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = twin.proxy().onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME"
                                            + " LIKE 'shardway\\_filling%'")) {
                row.next();
                assertThat(row.getInt(1)).isZero();
            }
        }
    }

    @Test
    void makesTablesOfWhatItSelects() throws Exception {
        twin.same("INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 2, 7, NULL)");
        sameTable("CREATE TABLE made AS SELECT * FROM items", "user_id, seq, n, name");
        sameTable(
                "CREATE TABLE made (PRIMARY KEY (user_id, seq)) SELECT user_id, seq, CONCAT(name, '!')"
                        + " AS what, n + 0.5 AS half, at FROM items ORDER BY seq",
                "user_id, seq, what, half");
        sameTable(
                "CREATE TABLE IF NOT EXISTS made (extra INT DEFAULT 5, n BIGINT, user_id BIGINT NOT NULL, KEY (n)) SELECT"
                        + " user_id, n, seq FROM items WHERE n = 1",
                "user_id, seq, extra, n");
        sameTable("CREATE TABLE made SELECT COUNT(*) AS c, MAX(n) AS m FROM items", "c, m");
        sameTable("CREATE TABLE made SELECT user_id, n FROM items WHERE n > 100", "user_id, n");
        sameTable("CREATE TABLE made TABLE items", "user_id, seq, n, name");
        sameTable(
                "CREATE TABLE made COMMENT 'shardway:key=who' SELECT user_id AS who, COUNT(*) AS c FROM items"
                        + " GROUP BY user_id",
                "who, c");
        sameTable(
                "CREATE TABLE made COMMENT 'shardway:single' SELECT a.user_id, b.n FROM items a, items b",
                "user_id, n");
        sameTable(
                "CREATE TABLE made SELECT k.label, k.n AS user_id FROM kinds k", "user_id, label");
        String twice =
                "SELECT user_id, n FROM items UNION ALL SELECT user_id, 8 FROM items ORDER BY 2";
        String keyed = "CREATE TABLE made (user_id BIGINT NOT NULL PRIMARY KEY) ";
        sameTable(keyed + twice, "user_id, n");
        sameTable(keyed + "IGNORE " + twice, "user_id, n");
        sameTable(keyed + "REPLACE AS " + twice, "user_id, n");
        sameTable("CREATE TABLE made SELECT user_id, nothing FROM items", "user_id");
        sameTable("CREATE TABLE made SELECT user_id, user_id FROM items", "user_id");
        sameTable(
                "CREATE TABLE made (n INT UNSIGNED) SELECT user_id, 0 - n AS n FROM items",
                "user_id, n");
        twin.same("SET sql_mode = ''");
        sameTable(
                "CREATE TABLE made (user_id BIGINT NOT NULL, name VARCHAR(2)) SELECT user_id,"
                        + " CONCAT(name, '-long') AS name FROM items ORDER BY user_id, seq",
                "user_id, name");
        twin.same("SET sql_mode = DEFAULT", "BEGIN", "UPDATE items SET n = 70 WHERE seq = 2");
        sameTable("CREATE TABLE made SELECT user_id, n FROM items", "user_id, n");
        twin.same("ROLLBACK", "SET autocommit = 0", "UPDATE items SET n = 71 WHERE seq = 2");
        sameTable("CREATE TABLE made SELECT user_id, n FROM items", "user_id, n");
        twin.same("ROLLBACK", "SET autocommit = 1");
        twin.same("CREATE TABLE made SELECT user_id, n FROM items WHERE n = 1");
        twin.same("CREATE TABLE IF NOT EXISTS made SELECT user_id, n FROM items");
        twin.same("CREATE TABLE made SELECT user_id, n FROM items");
        twin.both().same("SELECT user_id, n FROM made ORDER BY user_id");
        twin.same("INSERT INTO made SELECT user_id, 99 FROM items");
        twin.same("DROP TABLE made");
    }

    @Test
    void makesTablesOfAllTypes() throws Exception {
        twin.same("DELETE FROM typed");
        twin.same(
                "INSERT INTO typed ("
                        + TYPED
                        + ") VALUES (<1>, 4294967295, 18446744073709551615, -128,"
                        + " -12345678901234.123456, 1.1, -0.0, 'äß', 'Grüße 😀 ', x'00ff10', x'', 'Drei',"
                        + " 'p,r', '9999-12-31', '2024-02-29 23:59:59.999', '-838:59:59',"
                        + " '2023-06-01 10:00:00.123456', 1901, '{\"a\": [1, \"x\", null, true]}', b'10000000001',"
                        + " ST_PointFromText('POINT(1 2)'))");
        twin.same("INSERT INTO typed (user_id, v, s) VALUES (<2>, '', '')");
        sameTable(
                "CREATE TABLE made (PRIMARY KEY (user_id)) SELECT " + TYPED + ", gv, gs FROM typed",
                TYPED.replace(", p", ", HEX(ST_AsBinary(p))").replace("bi", "bi + 0") + ", gv, gs");
    }

    @Test
    void aMemberThatIsNoneIsCopied() throws Exception {
        twin.same("DELETE FROM typed", "DELETE FROM copied");
        twin.same("SET sql_mode = ''");
        twin.same("INSERT INTO typed (user_id, e) VALUES (<1>, 'none'), (<2>, 'two'), (<3>, '')");
        twin.same("SET sql_mode = DEFAULT");
        sameTable("CREATE TABLE made SELECT user_id, e FROM typed", "user_id, e, e + 0");
        twin.same("INSERT INTO copied (user_id, e) SELECT user_id + 0, e FROM typed");
        twin.both().same("SELECT e, e + 0 FROM copied ORDER BY user_id");
    }

    @Test
    void aTableThatCannotBeFilledIsNotThere() throws Exception {
        String create = "CREATE TABLE made SELECT user_id, LENGTH(name) AS n FROM items";
        try (Connection client = twin.proxy().connect();
                Connection killer = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "SHARDWAY SET transaction_mode = single");
            assertThatThrownBy(() -> run(client, create)).hasMessageContaining("SW-2007");
            run(client, create + " WHERE user_id + 0 = <1>", "DROP TABLE made");
            run(client, "SHARDWAY SET transaction_mode = best_effort");
            for (String refused :
                    new String[] {
                        "SW-2009 CREATE TABLE made SELECT i.user_id FROM kinds k LEFT JOIN items i ON i.n = k.n",
                        "SW-2009 CREATE TABLE made (UNIQUE KEY (n)) SELECT user_id, seq + user_id AS n FROM items",
                        "SW-2006 CREATE TABLE made COMMENT 'shardway:reference' SELECT n FROM items",
                        "SW-2006 CREATE TABLE made SELECT user_id FROM items FOR UPDATE",
                        "SW-2006 CREATE TABLE made SELECT user_id, LAST_INSERT_ID() AS n FROM items"
                    }) {
                assertThatThrownBy(() -> run(client, refused.substring(8)))
                        .hasMessageContaining(refused.substring(0, 7));
            }
            run(client, "SET lock_wait_timeout = 1");
            long id = connectionId(client);
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            run(client, create, "DROP TABLE made");
            run(node, "ROLLBACK", "LOCK TABLES items WRITE");
            Future<?> reading = threads.submit(() -> run(client, create));
            nodes.awaitRunning(2, "SELECT %items%");
            run(killer, "KILL QUERY " + id);
            assertThatThrownBy(reading::get).hasMessageContaining("interrupted");
            run(node, "UNLOCK TABLES");
            assertNothingLeft();
            run(client, create, "DROP TABLE made");
            run(client, "SET lock_wait_timeout = 60");
            Future<?> storing = threads.submit(() -> run(client, MANY));
            nodes.kill(2, holdFilling(node));
            run(node, "UNLOCK TABLES");
            assertThatThrownBy(storing::get).hasMessageContaining("SW-4002");
            assertNothingLeft();
            Future<?> killed = threads.submit(() -> run(client, MANY));
            holdFilling(node);
            run(killer, "KILL QUERY " + id);
            NodeSide.until(
                    "it ended", () -> nodes.threadsRunning(2, "INSERT INTO%filling%").isEmpty());
            run(node, "UNLOCK TABLES");
            assertThatThrownBy(killed::get).hasMessageContaining("interrupted");
            assertNothingLeft();
            run(client, create, "DROP TABLE made");
        }
        assertNothingLeft();
    }

    @Test
    void aProxyThatDiesLeavesNoTableThatLooksWhole() throws Exception {
        try (Connection client = twin.proxy().connect()) {
            try (ChildProxy child =
                            ChildProxy.startMissedSoon(
                                    twin.proxy(),
                                    Map.of("session.transaction-mode", "best-effort"));
                    Connection through =
                            java.sql.DriverManager.getConnection(
                                    "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&sslMode=DISABLED"
                                            .formatted(child.port(), twin.proxy().keyspace()),
                                    "app",
                                    "app")) {
                Future<?> storing = threads.submit(() -> run(through, MANY));
                try (Connection node = twin.proxy().onShard(2)) {
                    holdFilling(node);
                    child.kill();
                }
                assertThatThrownBy(storing::get).isNotNull();
                NodeSide.until("it is forgotten", () -> isForgotten(child.number()));
            }
            assertThatThrownBy(() -> run(client, "SELECT COUNT(*) FROM made"))
                    .hasMessageContaining("made");
            String left;
            try (Statement statement = client.createStatement();
                    ResultSet tables = statement.executeQuery("SHOW TABLES LIKE 'shardway%'")) {
                assertThat(tables.next()).isTrue();
                left = tables.getString(1);
                assertThat(tables.next()).isFalse();
            }
            run(client, "DROP TABLE " + left, MANY.replace("< 900", "< 3"), "DROP TABLE made");
        }
        assertNothingLeft();
    }

    /**
     * Lets nobody write the table that is being filled; says which thread waits for that. One that
     * only prepares its INSERT can be lost, and another takes its place.
     */
    private static long holdFilling(Connection node) throws SQLException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        Optional<String> table = Optional.empty();
        while (table.isEmpty() && System.nanoTime() < end) {
            table = first(node, "SHOW TABLES LIKE 'shardway%filling%'");
        }
        run(node, "LOCK TABLES " + table.orElseThrow() + " READ");
        String waiting =
                "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT"
                        + " INTO%filling%' AND STATE LIKE 'Waiting for table%'";
        NodeSide.until("somebody waits", () -> first(node, waiting).isPresent());
        return Long.parseLong(first(node, waiting).orElseThrow());
    }

    private static Optional<String> first(Connection node, String sql) throws SQLException {
        try (Statement statement = node.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    private static boolean isForgotten(int number) throws SQLException {
        try (Connection admin = twin.proxy().connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY FORGET PROXY " + number);
            return true;
        } catch (SQLException alive) {
            assertThat(alive.getMessage()).contains("SW-3016");
            return false;
        }
    }

    private static long connectionId(Connection client) throws SQLException {
        try (Statement statement = client.createStatement();
                ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void moreRowsThanMayBeHeldAreRefused() throws Exception {
        try (TestProxy small =
                twin.proxy()
                        .another(
                                Map.of(
                                        "session.transaction-mode",
                                        "best-effort",
                                        "assemble.rows-max",
                                        "20",
                                        "assemble.held-bytes-max",
                                        "1MiB"))) {
            try (Connection client = small.connect();
                    Statement statement = client.createStatement()) {
                statement.execute("CREATE TABLE a (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
                statement.execute("CREATE TABLE b (user_id BIGINT NOT NULL, n INT)");
                statement.execute("CREATE TABLE c (user_id BIGINT NOT NULL, t LONGTEXT)");
                for (int row = 0; row < 6; row++) {
                    statement.execute("INSERT INTO a VALUES (%d, 1)".formatted(row + 1));
                }
                assertThatThrownBy(() ->
                                statement.execute(
                                        "INSERT INTO b SELECT a.user_id, 1 FROM a, a AS b"))
                        .hasMessageContaining("SW-5021");
                try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM b")) {
                    rows.next();
                    assertThat(rows.getInt(1)).isZero();
                }
                assertThat(statement.executeUpdate("INSERT INTO b SELECT user_id, 1 FROM a"))
                        .isEqualTo(6);
                assertThatThrownBy(() ->
                                statement.execute(
                                        "INSERT INTO c SELECT user_id, REPEAT('x', 200000) FROM a"))
                        .hasMessageContaining("SW-5027");
                for (int time = 0; time < 5; time++) {
                    String half = "INSERT INTO c SELECT user_id, REPEAT('x', 100000) FROM a";
                    assertThat(statement.executeUpdate(half)).isEqualTo(6);
                }
                for (int row = 6; row < 26; row++) {
                    statement.execute("INSERT INTO a VALUES (%d, 1)".formatted(row + 1));
                }
                assertThatThrownBy(() -> statement.execute("UPDATE a SET user_id = user_id + 100"))
                        .hasMessageContaining("SW-5021")
                        .hasMessageContaining("21 rows")
                        .hasMessageContaining("LIMIT 1000");
                assertThat(statement.executeUpdate("UPDATE a SET n = 2 ORDER BY user_id LIMIT 3"))
                        .isEqualTo(3);
            }
        }
    }

    @Test
    void refusesWhatShardsWouldDoDifferently() throws Exception {
        for (String[] each :
                new String[][] {
                    {
                        "INSERT INTO more SELECT user_id, n FROM items ON DUPLICATE KEY UPDATE n = items.n",
                        "SW-2002"
                    },
                    {
                        "INSERT INTO more SELECT user_id, n FROM items ON DUPLICATE KEY UPDATE more.n = n + 1",
                        "SW-2002"
                    },
                    {
                        "INSERT INTO more SELECT user_id, n FROM items ON DUPLICATE KEY UPDATE n = RAND()",
                        "SW-2002"
                    },
                    {
                        "INSERT IGNORE INTO more SELECT user_id, n FROM items ON DUPLICATE KEY UPDATE n = 1",
                        "SW-2002"
                    },
                    {"INSERT INTO more SELECT user_id, n FROM items FOR UPDATE", "SW-2002"},
                    {"INSERT INTO more SELECT user_id, @a := n FROM items", "SW-2002"},
                    {"INSERT INTO more (n) SELECT n FROM items", "SW-2004"},
                }) {
            assertThatThrownBy(() -> run(twin.both().proxied(), each[0]))
                    .as(each[0])
                    .hasMessageContaining(each[1]);
        }
    }
}
