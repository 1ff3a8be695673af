package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
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

/**
 * UPDATE and DELETE that shards cannot do each with its own rows, compared with one MySQL:
 * subqueries, joins, LIMIT, IGNORE, and the shard key itself.
 */
@Timeout(120)
class ChangesIT {

    private static final String ROWS =
            "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 1, 1, 'a'), (<2>, 1, 2, 'b'),"
                    + " (<3>, 1, 3, 'c'), (<4>, 1, 4, 'd'), (<5>, 1, 5, 'e'), (<6>, 1, 6, 'f'),"
                    + " (<1>, 2, 11, 'b'), (<2>, 2, 12, NULL), (<3>, 3, NULL, 'A'), (<4>, 3, 1, 'e')";

    private static final String TYPES =
            " (user_id BIGINT NOT NULL, k VARCHAR(8) CHARACTER SET latin1 NOT NULL, i INT UNSIGNED,"
                    + " b BIGINT UNSIGNED, d DECIMAL(20,6), f FLOAT, g DOUBLE, c CHAR(4) CHARACTER SET latin1,"
                    + " v VARCHAR(30), x VARBINARY(20), o BLOB, e ENUM('one','two','Drei'), s SET('p','q','r'),"
                    + " da DATE, dt DATETIME(3), ti TIME(2), ts TIMESTAMP(6) NULL, y YEAR, j JSON, bi BIT(11),"
                    + " gv INT GENERATED ALWAYS AS (i + 1) VIRTUAL, gs VARCHAR(40) AS (CONCAT(v, '!')) STORED,"
                    + " p POINT, made TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6),"
                    + " PRIMARY KEY (user_id, k), UNIQUE KEY (user_id, gs))";

    private static final String SHOWN =
            "SELECT user_id, k, i, b, d, f + 0e0, g, HEX(c), HEX(v), HEX(x), HEX(o), e + 0, s, da, dt, ti, ts,"
                    + " UNIX_TIMESTAMP(ts), y, j, bi + 0, gv, gs, HEX(ST_AsBinary(p)), UNIX_TIMESTAMP(made) FROM typed"
                    + " ORDER BY user_id, k";

    private static WritesTwin twin;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException, IOException {
        twin =
                WritesTwin.start(
                        WritesTwin.ITEMS,
                        "CREATE TABLE more (user_id BIGINT NOT NULL PRIMARY KEY, n INT)",
                        "CREATE TABLE typed" + TYPES,
                        "CREATE TABLE nameless (user_id BIGINT NOT NULL, n INT)",
                        "CREATE TABLE marked (user_id BIGINT NOT NULL, code VARCHAR(9) NOT NULL, n INT,"
                                + " UNIQUE KEY (user_id, code))",
                        "CREATE TABLE drawn (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT)",
                        "CREATE TABLE checked (user_id BIGINT NOT NULL PRIMARY KEY, n INT, CHECK (n < 50))",
                        "CREATE TABLE doubled (user_id BIGINT NOT NULL PRIMARY KEY, n INT, m INT AS (n * 2),"
                                + " CHECK (m < 50))",
                        "CREATE TABLE parents (user_id BIGINT NOT NULL, code CHAR(2) NOT NULL, n INT,"
                                + " what VARCHAR(9), PRIMARY KEY (user_id, code), UNIQUE KEY (user_id, n))",
                        "CREATE TABLE children (user_id BIGINT NOT NULL, seq INT NOT NULL, code CHAR(2),"
                                + " PRIMARY KEY (user_id, seq), FOREIGN KEY (user_id, code) REFERENCES parents"
                                + " (user_id, code))",
                        "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, n INT, what"
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
                "INSERT INTO more VALUES (<1>, 10), (<2>, 20), (<3>, 3), (<4>, 40), (<7>, 70)",
                "DELETE FROM notes",
                "INSERT INTO notes VALUES (1, 1, 'one'), (2, 12, 'twelve'), (3, 3, 'three')");
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

    private static void sameEach(String table, String... statements) throws Exception {
        for (String sql : statements) {
            twin.same(sql);
            twin.both().same(table);
        }
    }

    private static void same(String... statements) throws Exception {
        sameEach("SELECT user_id, seq, n, name FROM items ORDER BY user_id, seq", statements);
    }

    @Test
    void changesTheFirstRowsOfAnOrder() throws Exception {
        same(
                "UPDATE items SET name = 'low' ORDER BY n, user_id, seq LIMIT 3",
                "UPDATE items SET n = n + 100 WHERE n > 2 ORDER BY n DESC LIMIT 4",
                "UPDATE items SET name = 'x' WHERE name > 'a' ORDER BY name DESC, user_id, seq LIMIT 2",
                "UPDATE items SET name = UPPER(name), n = -n ORDER BY -n, user_id, seq LIMIT 3",
                "UPDATE items SET name = 'same' WHERE name = 'same' ORDER BY n LIMIT 3",
                "DELETE FROM items ORDER BY seq DESC, user_id LIMIT 3",
                "DELETE FROM items WHERE user_id IN (<1>, <2>, <3>) ORDER BY n DESC LIMIT 1",
                "DELETE FROM items ORDER BY n LIMIT 0",
                "DELETE FROM items WHERE n IS NULL LIMIT 5",
                "DELETE FROM items LIMIT 100");
    }

    @Test
    void ordersWithoutLimitGoToTheShards() throws Exception {
        same(
                "UPDATE items SET seq = seq + 1 ORDER BY seq DESC",
                "UPDATE IGNORE items SET seq = 2",
                "UPDATE IGNORE items SET n = 7 WHERE user_id IN (<1>, <2>)",
                "DELETE IGNORE FROM items WHERE seq = 2",
                "DELETE FROM items ORDER BY n");
        twin.same(ROWS);
        assertThat(twin.sameButForErrors("UPDATE items SET seq = seq + 1 ORDER BY seq"))
                .contains("1062");
        twin.sameRows();
    }

    @Test
    void anyRowsWillDoWithoutAnOrder() throws Exception {
        assertThat(twin.same("UPDATE items SET name = 'any' WHERE seq > 0 LIMIT 4"))
                .startsWith("affected 4 ");
        assertThat(twin.same("DELETE FROM items LIMIT 4")).startsWith("affected 4 ");
        twin.both().same("SELECT COUNT(*) FROM items");
    }

    @Test
    void findsRowsBySubqueries() throws Exception {
        same(
                "UPDATE items SET name = 'in' WHERE user_id IN (SELECT user_id FROM more WHERE n > 15)",
                "UPDATE items SET name = 'exist' WHERE EXISTS (SELECT * FROM more WHERE more.n = items.n)",
                "UPDATE items SET n = (SELECT MAX(n) FROM more) WHERE seq = 3",
                "UPDATE items SET n = (SELECT m.n + items.n FROM more m WHERE m.user_id = items.user_id) WHERE seq = 1",
                "UPDATE items SET n = (SELECT COUNT(*) FROM (SELECT n FROM items) AS i WHERE i.n = 40) WHERE seq = 2",
                "UPDATE items SET name = (SELECT label FROM kinds WHERE kinds.n = items.seq) WHERE seq < 3",
                "UPDATE items SET name = (SELECT what FROM notes WHERE notes.n = items.seq) WHERE seq = 3",
                "DELETE FROM items WHERE n IN (SELECT n FROM notes)",
                "DELETE FROM items WHERE n > (SELECT AVG(n) FROM (SELECT n FROM items) AS i)",
                "DELETE FROM items WHERE NOT EXISTS (SELECT 1 FROM more m WHERE m.user_id = items.user_id)");
    }

    @Test
    void joinsOtherTables() throws Exception {
        same(
                "UPDATE items i JOIN more m ON m.n = i.n SET i.name = 'join'",
                "UPDATE items i, kinds k SET i.name = k.label WHERE k.n = i.seq AND i.n > 3",
                "UPDATE items i LEFT JOIN more m ON m.user_id = i.user_id AND m.n > 15 SET i.n = m.n WHERE i.seq = 1",
                "UPDATE items i JOIN (SELECT user_id, MAX(seq) AS top FROM items GROUP BY user_id) AS t"
                        + " ON t.user_id = i.user_id AND t.top = i.seq SET i.name = 'top'",
                "UPDATE items i JOIN items j ON j.user_id = i.user_id + 0 AND j.seq = 2 SET i.name = 'self' WHERE i.seq = 1",
                "WITH w AS (SELECT MIN(n) AS least FROM more) UPDATE items, w SET items.name = 'w' WHERE items.n = w.least",
                "DELETE i FROM items i JOIN notes x ON x.n = i.n",
                "DELETE items FROM items JOIN kinds ON kinds.n = items.seq WHERE kinds.label = 'second'",
                "DELETE FROM i USING items AS i LEFT JOIN more m ON m.user_id = i.user_id AND m.n < 15 WHERE m.n IS NULL");
    }

    @Test
    void writesSeveralTablesAtOnce() throws Exception {
        for (String sql :
                new String[] {
                    "UPDATE items i JOIN more m ON m.n = i.n SET i.name = 'both', m.n = 33",
                    "UPDATE items i JOIN notes x ON x.n = i.n SET x.what = i.name, i.name = 'note'",
                    "DELETE i, m FROM items i JOIN more m ON m.n > i.n + 8 AND m.user_id = i.user_id",
                    "UPDATE notes SET n = (SELECT SUM(n) FROM items) WHERE id = 3",
                    "DELETE x, i FROM notes x JOIN items i ON i.n = x.n",
                    "DELETE FROM notes WHERE n > (SELECT MIN(n) FROM more)"
                }) {
            twin.same(sql);
            twin.sameRows();
            twin.both().same("SELECT * FROM more ORDER BY user_id");
            twin.both().same("SELECT * FROM notes ORDER BY id");
        }
    }

    @Test
    void rowsMoveWithTheirShardKey() throws Exception {
        same(
                "UPDATE items SET user_id = <8> WHERE user_id = <1> AND seq = 1",
                "UPDATE items SET user_id = <7> WHERE user_id = <2>",
                "UPDATE items SET user_id = user_id + 1, name = 'moved' ORDER BY user_id DESC",
                "UPDATE items SET user_id = user_id - 1 WHERE user_id IN (SELECT user_id + 1 FROM more)",
                "UPDATE items SET user_id = IF(user_id = <3>, <4>, <3>), n = NULL WHERE user_id IN (<3>, <4>)",
                "UPDATE items SET user_id = <6> ORDER BY seq, user_id LIMIT 1",
                "UPDATE items SET user_id = user_id",
                "UPDATE items SET user_id = <5>, seq = n + 50 WHERE n IS NOT NULL",
                "UPDATE items SET user_id = <5>, seq = 51",
                "UPDATE items SET user_id = NULL WHERE seq = 3",
                "UPDATE items SET user_id = 'x' WHERE seq = 3");
    }

    @Test
    void keysTradePlaces() throws Exception {
        same(
                "UPDATE items SET seq = seq + 1 ORDER BY user_id, seq DESC LIMIT 100",
                "UPDATE items SET seq = 60 + n, n = n + 1 WHERE n IS NOT NULL AND user_id IN (SELECT user_id FROM more)"
                        + " ORDER BY n DESC",
                "UPDATE items SET n = n + 1 WHERE name IN (SELECT 'b') ORDER BY user_id, n DESC",
                "UPDATE items SET n = 4 - n WHERE n IN (1, 2, 3) ORDER BY n LIMIT 9",
                "UPDATE items i JOIN more m ON m.n <> i.n SET i.n = 5 WHERE i.user_id = <1>");
    }

    @Test
    void ignoresWhatMySqlIgnores() throws Exception {
        for (String sql :
                new String[] {
                    "UPDATE IGNORE items SET n = 12 WHERE user_id IN (SELECT user_id FROM more)",
                    "UPDATE IGNORE items SET user_id = <2> ORDER BY user_id, seq",
                    "UPDATE IGNORE items SET user_id = <1>, n = seq ORDER BY user_id, seq LIMIT 4",
                    "UPDATE IGNORE items SET name = 'much too long' ORDER BY user_id, seq LIMIT 2",
                    "UPDATE IGNORE items SET n = 'x' ORDER BY user_id, seq LIMIT 1",
                    "UPDATE IGNORE items SET seq = NULL WHERE n = (SELECT 12)",
                    "DELETE IGNORE FROM items WHERE n IN (SELECT n FROM notes)"
                }) {
            twin.same(sql);
            twin.sameRows();
        }
    }

    @Test
    void failsAndWarnsAsOneMySql() throws Exception {
        same(
                "UPDATE items SET n = 1 WHERE user_id IN (SELECT user_id FROM items)",
                "DELETE FROM items WHERE n = (SELECT n FROM more)",
                "UPDATE items SET nothing = 1 LIMIT 1",
                "UPDATE items SET n = nothing LIMIT 1",
                "DELETE FROM items WHERE n IN (SELECT nothing FROM more)",
                "UPDATE items SET name = 'much too long' ORDER BY user_id, seq LIMIT 2",
                "UPDATE items SET n = 1 WHERE user_id IN (SELECT user_id FROM more) ORDER BY user_id, seq",
                "UPDATE items SET n = 'x' WHERE seq IN (SELECT 3) ORDER BY user_id",
                "UPDATE items SET seq = NULL WHERE seq IN (SELECT 3) ORDER BY user_id",
                "SET sql_mode = ''",
                "UPDATE items SET name = 'much too long' ORDER BY user_id, seq LIMIT 2",
                "UPDATE items SET n = 'x' WHERE seq IN (SELECT 3) ORDER BY user_id",
                "UPDATE items SET at = 'no time' ORDER BY user_id, seq LIMIT 3",
                "UPDATE items SET seq = NULL WHERE seq IN (SELECT 3) ORDER BY user_id",
                "UPDATE items SET user_id = NULL WHERE seq = 2 ORDER BY user_id LIMIT 1",
                "SET sql_mode = DEFAULT");
        twin.same("DELETE FROM checked");
        twin.same("INSERT INTO checked VALUES (<1>, 1), (<2>, 2)");
        sameEach(
                "SELECT * FROM checked ORDER BY user_id",
                "UPDATE checked SET n = 60 WHERE n IN (SELECT 2)",
                "UPDATE checked SET n = 40 WHERE n IN (SELECT 2)",
                "UPDATE IGNORE checked SET n = n * 40 ORDER BY n LIMIT 2",
                "UPDATE checked SET n = n * 40 ORDER BY n LIMIT 2");
    }

    @Test
    void valuesOfAllTypesStayAsTheyAre() throws Exception {
        try {
            twin.same("SET time_zone = 'Europe/Berlin'");
            twin.both().same("SET time_zone = 'Europe/Berlin'");
            sameEach(
                    SHOWN,
                    "DELETE FROM typed",
                    "INSERT INTO typed (user_id, k, i, b, d, f, g, c, v, x, o, e, s, da, dt, ti, ts, y, j, bi, p)"
                            + " VALUES (<1>, 'é', 4294967294, 18446744073709551615,"
                            + " -12345678901234.123456, 1.1, -0.0, 'äß', 'Grüße 😀 ', x'00ff10', x'', 'Drei',"
                            + " 'p,r', '9999-12-31', '2024-02-29 23:59:59.999', '-838:59:59',"
                            + " '2023-06-01 10:00:00.123456', 1901, '{\"a\": [1, \"x\", null, true]}', b'10000000001',"
                            + " ST_PointFromText('POINT(1 2)'))",
                    "INSERT INTO typed (user_id, k, v, ts, y, j, s) VALUES (<2>, 'k', '', FROM_UNIXTIME(1698538500), 0, '\"ü\"', '')",
                    "INSERT INTO typed (user_id, k, v, ts, g, f) VALUES (<3>, 'K2', 'x', FROM_UNIXTIME(1698542100), 1e300, 3.4e38)",
                    "INSERT INTO typed (user_id, k, c, x) VALUES (<4>, '', '', x'2000')",
                    "SET timestamp = 1700000000.123456",
                    "UPDATE typed SET i = i + 1, b = b - 1, d = d / 3, f = f / 3, g = -g, c = 'ö', x = CONCAT(x, x'00'),"
                            + " o = x'00', e = 'two', s = 'q', da = da - INTERVAL 1 DAY, dt = dt + INTERVAL 1 SECOND,"
                            + " ti = '01:02:03.45', ts = ts + INTERVAL 1 HOUR, y = 2024, bi = b'11',"
                            + " p = ST_PointFromText('POINT(3 4)') WHERE user_id IN (SELECT <1> UNION SELECT <3>)",
                    "SET timestamp = 1700000001",
                    "UPDATE typed SET v = v WHERE user_id IN (SELECT <1>)",
                    "UPDATE typed SET j = JSON_OBJECT('b', 5, 'c', JSON_ARRAY(1.5e0, 'x')) ORDER BY user_id LIMIT 2",
                    "UPDATE typed SET made = made, i = 5 ORDER BY user_id LIMIT 2",
                    "UPDATE typed SET e = NULL, y = DEFAULT, made = '2020-01-01' ORDER BY user_id LIMIT 3",
                    "SET timestamp = 1700000002",
                    "UPDATE typed SET user_id = user_id + 1",
                    "UPDATE typed SET k = UPPER(k) WHERE k IN (SELECT 'é' UNION SELECT 'k')",
                    "UPDATE typed SET v = CONCAT(v, 'z') ORDER BY user_id LIMIT 2",
                    "UPDATE typed SET user_id = <9>, k = CONCAT('u', i, user_id MOD 7), v = NULL",
                    "SET timestamp = DEFAULT",
                    "DELETE FROM typed WHERE k IN (SELECT 'u51')",
                    "DELETE FROM typed ORDER BY k DESC LIMIT 1");
        } finally {
            twin.same("SET time_zone = DEFAULT", "SET timestamp = DEFAULT");
            twin.both().same("SET time_zone = DEFAULT");
        }
    }

    @Test
    void rowsMoveWithValuesThatTheSessionCouldNotWrite() throws Exception {
        sameEach(
                "SELECT user_id, k, CONCAT(da), CONCAT(dt), e + 0, gv FROM typed ORDER BY user_id, k",
                "DELETE FROM typed",
                "SET sql_mode = 'ALLOW_INVALID_DATES'",
                "INSERT INTO typed (user_id, k, da, dt, e, i) VALUES (<1>, 'a', '2024-02-31', '0000-00-00', 'none', 7),"
                        + " (<2>, 'b', '0000-00-00', '2024-00-01 10:00:00', '', 8)",
                "SET sql_mode = DEFAULT",
                "UPDATE typed SET user_id = user_id + 1 ORDER BY user_id DESC",
                "UPDATE typed SET k = CONCAT(k, 'x'), i = 9 ORDER BY k LIMIT 2",
                "UPDATE IGNORE typed SET user_id = <1> WHERE k IN (SELECT 'ax')",
                "UPDATE typed SET da = '0000-00-00' ORDER BY k LIMIT 1",
                "DELETE FROM typed ORDER BY k LIMIT 1");
    }

    @Test
    void valuesOfSeveralKeysAreNoRefusal() throws Exception {
        same(
                "UPDATE items SET name = 'or' WHERE user_id = <1> OR user_id = <2>",
                "DELETE FROM items WHERE (user_id = <1> AND seq = 1) OR (user_id = <4> AND seq = 3)",
                "UPDATE items i JOIN more m ON m.user_id = <3> SET i.n = m.n WHERE i.user_id = <2> AND i.seq = 1",
                "UPDATE items i JOIN more m ON m.user_id = <2> SET i.n = m.n WHERE i.user_id = <2> AND i.seq = 2",
                "DELETE FROM items WHERE user_id = <2> AND user_id = <3>");
    }

    @Test
    void sessionsOfAllKindsDoTheSame() throws Exception {
        same(
                "SET sql_safe_updates = 1",
                "UPDATE items SET n = n + 20 ORDER BY n DESC LIMIT 2",
                "UPDATE items SET n = 7 WHERE name IN (SELECT 'a')",
                "DELETE FROM items WHERE user_id IN (SELECT user_id FROM more) ORDER BY n LIMIT 1",
                "SET sql_safe_updates = DEFAULT, transaction_isolation = 'READ-COMMITTED'",
                "UPDATE items SET name = 'rc' WHERE user_id IN (SELECT user_id FROM more WHERE n > 5)",
                "UPDATE items SET user_id = user_id + 1 WHERE seq = 3",
                "SET transaction_isolation = DEFAULT, sql_select_limit = 1, max_error_count = 0",
                "UPDATE items SET name = 'sl' WHERE seq IN (SELECT n FROM notes)",
                "DELETE FROM items WHERE n > 11 ORDER BY n LIMIT 3",
                "SET sql_select_limit = DEFAULT, max_error_count = DEFAULT",
                "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'",
                "UPDATE \"items\" SET name = 'ansi' WHERE seq IN (SELECT 1) ORDER BY n LIMIT 2",
                "SET sql_mode = DEFAULT",
                "SET NAMES latin1",
                "UPDATE items SET name = 'é' ORDER BY n DESC LIMIT 2",
                "UPDATE items SET user_id = user_id + 1 WHERE name = 'é' ORDER BY user_id DESC",
                "SET NAMES utf8mb4",
                "BEGIN",
                "UPDATE items SET n = 0 WHERE seq IN (SELECT 1) AND user_id = <2> + 0 AND n = 12345",
                "COMMIT");
        twin.same("START TRANSACTION READ ONLY");
        twin.same("UPDATE items SET name = 'ro' ORDER BY n LIMIT 1");
        twin.same("DELETE FROM items WHERE n IN (SELECT 98765)");
        twin.same("ROLLBACK");
    }

    @Test
    void aUniqueKeyNamesRowsWherePrimaryKeysAreMissing() throws Exception {
        twin.same("DELETE FROM marked");
        sameEach(
                "SELECT * FROM marked ORDER BY user_id, code",
                "INSERT INTO marked VALUES (<1>, 'a', 1), (<2>, 'b ', 2), (<2>, 'c', 3), (<4>, 'é', 4)",
                "UPDATE marked SET n = n * 2 ORDER BY n DESC LIMIT 2",
                "UPDATE marked SET code = UPPER(code) ORDER BY n DESC LIMIT 3",
                "DELETE FROM marked WHERE n IN (SELECT 8)");
        assertThatThrownBy(() ->
                        run(twin.both().proxied(), "UPDATE nameless SET n = 1 ORDER BY n LIMIT 1"))
                .hasMessageContaining("SW-2002")
                .hasMessageContaining("no primary key");
    }

    @Test
    void seesAndKeepsTheRowsOfItsTransaction() throws Exception {
        twin.same(
                "BEGIN",
                "UPDATE items SET n = 50 WHERE user_id IN (<1>, <2>) AND seq = 1",
                "UPDATE items SET name = 'tx' WHERE n = 50 ORDER BY user_id LIMIT 1",
                "SAVEPOINT a",
                "DELETE FROM items WHERE n IN (SELECT 50)",
                "UPDATE items SET user_id = <9> WHERE seq = 3 AND user_id = <3>",
                "UPDATE items SET seq = 1, user_id = <5> WHERE seq IN (2, 3)");
        twin.sameRowsMeanwhile();
        twin.same("ROLLBACK TO a");
        twin.same(
                "UPDATE items SET name = 'more' WHERE user_id IN (SELECT user_id FROM more)",
                "COMMIT",
                "SET autocommit = 0",
                "DELETE FROM items ORDER BY n DESC LIMIT 5",
                "ROLLBACK",
                "DELETE FROM items ORDER BY n DESC LIMIT 5",
                "SET autocommit = 1");
    }

    @Test
    void preparedStatementsDoTheSame() throws Exception {
        try (SideBySide both = SideBySide.open(twin.proxy(), "useServerPrepStmts=true")) {
            for (Object[] each :
                    new Object[][] {
                        {"UPDATE items SET name = ? WHERE n > ? ORDER BY n LIMIT ?", "p", 2, 3},
                        {
                            "UPDATE items SET n = n + ? WHERE user_id IN (SELECT user_id FROM more WHERE n > ?)",
                            7,
                            15
                        },
                        {
                            "UPDATE items SET user_id = ?, seq = seq + ? WHERE user_id = ?",
                            twin.key(8),
                            5,
                            twin.key(1)
                        },
                        {
                            "DELETE FROM items WHERE user_id IN (?, ?) ORDER BY n DESC LIMIT ?",
                            twin.key(2),
                            twin.key(3),
                            2
                        },
                        {"UPDATE items SET seq = ? WHERE n IN (SELECT 1)", "x"},
                    }) {
                for (int round = 0; round < 2; round++) {
                    Object[] values = Arrays.copyOfRange(each, 1, each.length);
                    String there = WritesTwin.prepared(both.direct(), (String) each[0], values);
                    assertThat(WritesTwin.prepared(both.proxied(), (String) each[0], values))
                            .as((String) each[0])
                            .isEqualTo(there);
                    twin.sameRows();
                }
            }
        }
        twin.same(
                "SET @a = 'sql', @n = 3",
                "PREPARE s FROM 'UPDATE items SET name = ? ORDER BY n DESC, user_id LIMIT ?'",
                "EXECUTE s USING @a, @n",
                "PREPARE s FROM 'UPDATE items SET user_id = user_id + 1 WHERE seq = 3 AND n IS NULL'",
                "EXECUTE s",
                "PREPARE s FROM 'DELETE FROM items WHERE n IN (SELECT n + ? FROM notes)'",
                "SET @n = 0",
                "EXECUTE s USING @n",
                "DEALLOCATE PREPARE s");
    }

    @Test
    void rowsThatForeignKeysPointToAreNotMadeAnew() throws Exception {
        twin.same("DELETE FROM children");
        twin.same("DELETE FROM parents");
        twin.same(
                "INSERT INTO parents VALUES (<1>, 'a', 1, NULL), (<1>, 'b', 2, NULL), (<2>, 'a', 3, NULL),"
                        + " (<2>, 'b', 4, NULL)");
        twin.same("INSERT INTO children VALUES (<1>, 1, 'a'), (<2>, 1, 'a')");
        String rows =
                "SELECT * FROM parents LEFT JOIN children USING (user_id, code) ORDER BY 1, 2";
        sameEach(
                rows,
                "UPDATE parents SET what = 'plain' WHERE code IN (SELECT 'a')",
                "UPDATE parents SET n = n + 10 WHERE code IN (SELECT 'b')",
                "UPDATE parents SET user_id = user_id + 1, code = 'c' WHERE n > 12 ORDER BY n LIMIT 1",
                "UPDATE children SET code = 'b' WHERE seq IN (SELECT 1) AND user_id = <1>",
                "UPDATE children SET code = 'a' WHERE seq IN (SELECT 1)",
                "UPDATE children SET seq = seq + 1 ORDER BY seq LIMIT 9");
        for (String sql :
                new String[] {
                    "UPDATE parents SET code = 'd' WHERE code IN (SELECT 'a')",
                    "UPDATE parents SET user_id = user_id + 1",
                    "DELETE FROM parents WHERE code IN (SELECT 'a')",
                    "UPDATE children SET code = 'x' WHERE seq IN (SELECT 2)"
                }) {
            for (Connection side : new Connection[] {twin.both().direct(), twin.both().proxied()}) {
                assertThatThrownBy(() -> run(side, sql))
                        .as(sql)
                        .hasMessageContaining("a foreign key constraint fails");
            }
            twin.both().same(rows);
        }
        // One MySQL does this, as the key that is pointed to stays; it must not be silent.
        String other = "UPDATE parents SET n = n + 100 WHERE code IN (SELECT 'a')";
        String relayed = "DELETE FROM parents WHERE code = 'a' AND user_id = <1>";
        for (String sql : new String[] {relayed, other}) {
            assertThatThrownBy(() -> run(twin.both().proxied(), sql))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            told -> {
                                assertThat(told.getErrorCode()).isEqualTo(1451);
                                assertThat(told.getSQLState()).isEqualTo("23000");
                            });
        }
        twin.both().same(rows);
        sameEach(
                rows,
                "UPDATE parents SET n = n + 100 WHERE code = 'a' AND user_id = <1>",
                "UPDATE parents SET n = n + 100 WHERE code = 'a'",
                "SET foreign_key_checks = 0",
                "UPDATE parents SET n = n + 100 WHERE code IN (SELECT 'a')",
                "UPDATE parents SET code = 'e' WHERE code IN (SELECT 'a')",
                "SET foreign_key_checks = 1",
                "DELETE FROM children");
    }

    @Test
    void whatNamesMovedRowsCountsWithTheRows() throws Exception {
        try (TestProxy small =
                        twin.proxy()
                                .another(
                                        Map.of(
                                                "session.transaction-mode",
                                                "best-effort",
                                                "assemble.bytes-max",
                                                "64KiB"));
                Connection client = small.connect()) {
            TestProxy.run(
                    client,
                    "CREATE TABLE named (user_id BIGINT NOT NULL, k VARCHAR(700) CHARACTER SET"
                            + " latin1 NOT NULL, PRIMARY KEY (user_id, k))");
            for (int row = 0; row < 60; row++) {
                TestProxy.run(
                        client, "INSERT INTO named VALUES (%d, REPEAT('k', 700))".formatted(row));
            }
            String move = "UPDATE named SET user_id = user_id + 100";
            assertThatThrownBy(() -> TestProxy.run(client, move))
                    .hasMessageContaining("SW-5021")
                    .hasMessageContaining("rows of 65")
                    .hasMessageContaining("to be stored in table")
                    .hasMessageContaining("LIMIT 1000");
            for (int part = 0; part < 2; part++) {
                TestProxy.run(client, move + " WHERE user_id < 100 ORDER BY user_id LIMIT 30");
            }
            try (Statement statement = client.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT COUNT(*), MIN(user_id) FROM named WHERE k LIKE 'k%'")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(60);
                assertThat(row.getInt(2)).isEqualTo(100);
            }
        }
    }

    @Test
    void singleAllowsWhatBelongsToOneShard() throws Exception {
        try (Connection client = twin.proxy().connect()) {
            run(client, "SHARDWAY SET transaction_mode = single");
            for (String sql :
                    new String[] {
                        "UPDATE items SET name = 'x' WHERE n IN (SELECT 1 UNION SELECT 2)",
                        "UPDATE items SET user_id = <2> WHERE user_id = <1> AND seq = 1"
                    }) {
                assertThatThrownBy(() -> run(client, sql))
                        .hasMessageContaining("SW-2002")
                        .hasMessageContaining("transaction_mode");
            }
            twin.sameRows();
            run(client, "UPDATE items SET name = 'one' ORDER BY n DESC LIMIT 1");
            run(client, "UPDATE items SET user_id = <3>, seq = 9 WHERE user_id = <1> AND seq = 1");
            run(client, "BEGIN", "UPDATE items SET n = 30 WHERE user_id = <2> AND seq = 1");
            assertThatThrownBy(() -> run(client, "UPDATE items SET n = 31 WHERE n IN (SELECT 3)"))
                    .hasMessageContaining("SW-4006");
            run(client, "ROLLBACK");
        }
        run(
                twin.both().direct(),
                "UPDATE items SET name = 'one' ORDER BY n DESC LIMIT 1",
                "UPDATE items SET user_id = <3>, seq = 9 WHERE user_id = <1> AND seq = 1");
        twin.sameRows();
    }

    @Test
    void manyRowsAreStoredInParts() throws Exception {
        String digits =
                "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"
                        + " UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
        same(
                "INSERT INTO items (user_id, seq, n) SELECT user_id, 1000 + a.d * 100 + b.d * 10 + c.d, NULL FROM items, %s a, %s b, %s c WHERE seq = 1"
                        .formatted(digits, digits, digits),
                "UPDATE items SET name = 'many' WHERE seq IN (SELECT 1000 + a.d * 10 + b.d FROM %s a, %s b)"
                        .formatted(digits, digits),
                "UPDATE items SET user_id = user_id + 1 WHERE seq > 1500 ORDER BY user_id DESC",
                "DELETE FROM items WHERE seq > 1000 ORDER BY seq DESC, user_id LIMIT 5000");
    }

    @Test
    void whatFailsOnOneShardLeavesNothing() throws Exception {
        String change = "UPDATE items SET n = n + 1000 WHERE name IN (SELECT 'b' UNION SELECT 'c')";
        String move = "UPDATE items SET user_id = user_id + 1";
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "SET innodb_lock_wait_timeout = 1");
            run(node, "BEGIN", "UPDATE items SET n = n + 1");
            for (String sql : new String[] {change, move}) {
                assertThatThrownBy(() -> run(client, sql)).hasMessageContaining("Lock wait");
                run(client, "BEGIN", "UPDATE items SET at = NULL WHERE user_id = <1>");
                assertThatThrownBy(() -> run(client, sql)).hasMessageContaining("Lock wait");
                run(client, "COMMIT");
            }
            run(node, "ROLLBACK");
            run(node, "BEGIN", "INSERT INTO items (user_id, seq) VALUES (<10>, 1)");
            assertThatThrownBy(() ->
                            run(
                                    client,
                                    "UPDATE items SET user_id = <10> WHERE seq = 1 AND user_id IN (<1>)"))
                    .hasMessageContaining("Lock wait");
            run(node, "ROLLBACK");
        }
        twin.sameRows();
    }

    @Test
    void rowsThatAreReadCannotChangeMeanwhile() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection other = twin.proxy().connect()) {
            run(
                    client,
                    "BEGIN",
                    "UPDATE items SET name = 'z' WHERE user_id IN (SELECT user_id FROM more WHERE n = 70)");
            run(other, "SET innodb_lock_wait_timeout = 1");
            for (int key = 1; key <= 2; key++) {
                String change = "UPDATE more SET n = 99 WHERE user_id = <" + key + ">";
                assertThatThrownBy(() -> run(other, change)).hasMessageContaining("Lock wait");
            }
            run(client, "ROLLBACK");
        }
    }

    @Test
    void aLostShardOrAKillLeavesNothing() throws Exception {
        String move = "UPDATE items SET user_id = <10>, seq = n WHERE seq = 1 AND user_id = <1>";
        String taken = "INSERT INTO items (user_id, seq) VALUES (<10>, 1)";
        try (Connection client = twin.proxy().connect();
                Connection killer = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            for (String before : new String[] {"SET @none = 1", "BEGIN"}) {
                run(node, "BEGIN", taken);
                run(client, before);
                Future<?> storing = threads.submit(() -> run(client, move));
                nodes.kill(2, nodes.awaitRunning(2, "INSERT INTO %"));
                assertThatThrownBy(storing::get).hasMessageContaining("SW-4002");
                run(node, "ROLLBACK");
                run(client, "ROLLBACK");
                twin.sameRows();
                run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
                run(client, before);
                Future<?> reading =
                        threads.submit(() -> run(client, "DELETE FROM items ORDER BY n LIMIT 3"));
                nodes.kill(2, nodes.awaitRunning(2, "SELECT % FOR UPDATE"));
                assertThatThrownBy(reading::get).hasMessageContaining("SW-4002");
                run(node, "ROLLBACK");
                run(client, "ROLLBACK");
                twin.sameRows();
            }
            long id;
            try (Statement statement = client.createStatement();
                    ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            run(node, "BEGIN", taken);
            Future<?> write = threads.submit(() -> run(client, move));
            nodes.awaitRunning(2, "INSERT INTO %");
            run(killer, "KILL QUERY " + id);
            assertThatThrownBy(write::get).hasMessageContaining("interrupted");
            run(node, "ROLLBACK");
            twin.sameRows();
        }
    }

    @Test
    void tellsItsWayAndWhatItRefuses() throws Exception {
        Connection client = twin.both().proxied();
        String change = "UPDATE items SET n = 1 ORDER BY n LIMIT 2";
        try (Statement statement = client.createStatement()) {
            assertThat(statement.execute("SHARDWAY EXPLAIN " + change)).isTrue();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("assemble");
            }
            assertThat(statement.execute("EXPLAIN " + change)).isTrue();
        }
        for (String sql :
                new String[] {
                    "UPDATE drawn SET user_id = 5 WHERE user_id = 6",
                    "UPDATE items SET n = (@a := 5) LIMIT 1",
                    "UPDATE items SET n = LAST_INSERT_ID(7) LIMIT 1",
                    "UPDATE typed SET gs = DEFAULT LIMIT 1",
                    "UPDATE items a JOIN items b ON a.n = b.seq SET a.n = 1, b.n = 2",
                    "UPDATE IGNORE doubled SET n = 60 LIMIT 1",
                    "DELETE FROM kinds WHERE n IN (SELECT n FROM items)",
                    "EXPLAIN ANALYZE DELETE i FROM items i JOIN more m ON m.n = i.n"
                }) {
            assertThatThrownBy(() -> run(client, sql)).as(sql).hasMessageContaining("SW-20");
        }
    }
}
