package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Statements that write rows of several keys, compared with one MySQL. */
@Timeout(120)
class SpreadWritesIT {

    private static final String ROWS =
            "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 1, 1, 'a'), (<2>, 1, 1, 'b'),"
                    + " (<3>, 1, 1, 'c'), (<4>, 1, 1, 'd'), (<5>, 1, 1, 'e'), (<6>, 1, 1, 'f')";

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
                        "CREATE TABLE more (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
        nodes = new NodeSide(twin.proxy());
    }

    @AfterAll
    static void stop() throws SQLException, IOException {
        twin.close();
    }

    @BeforeEach
    void rows() throws SQLException, IOException {
        twin.same("SET sql_mode = DEFAULT", "DELETE FROM items", ROWS);
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = twin.proxy().onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet found = statement.executeQuery("SELECT COUNT(*) FROM items")) {
                found.next();
                assertThat(found.getInt(1)).as("rows on shard %d", shard).isPositive();
            }
        }
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

    @Test
    void changesAndDeletesRowsOfAllShardsAndOfLists() throws Exception {
        twin.same(
                "UPDATE items SET n = n + 1",
                "UPDATE items SET n = 7 WHERE user_id IN (<1>, <2>, <3>)",
                "UPDATE items SET n = 7 WHERE user_id IN (<1>, <2>, <3>, <4>)",
                "UPDATE items SET n = 8 WHERE user_id IN (<1>, NULL, '<2>', -5) AND name > 'a'",
                "UPDATE items SET n = 9 WHERE user_id IN (<2>.0, <3>e0)",
                "UPDATE items SET n = 3 WHERE (n = 7) AND ((user_id IN (<3>, <4>)))",
                "UPDATE items SET name = 'x' WHERE NOT user_id IN (<1>, <2>)",
                "UPDATE items SET name = UPPER(name), n = -n WHERE n BETWEEN 2 AND 8",
                "UPDATE items AS i SET i.n = NULL WHERE i.user_id IN (<5>, <6>) OR i.n = 9",
                "DELETE FROM items WHERE user_id IN (<1>, <2>)",
                "DELETE FROM items WHERE n IS NULL",
                "DELETE FROM items",
                "DELETE FROM items");
    }

    @Test
    void changesTablesThatAreJoinedByTheirKeys() throws Exception {
        twin.same(
                "DELETE FROM more",
                "INSERT INTO more VALUES (<1>, 10), (<2>, 20), (<3>, 30), (<4>, 40)",
                "UPDATE items JOIN more USING (user_id) SET items.n = more.n",
                "UPDATE items i LEFT JOIN more m ON m.user_id = i.user_id SET i.name = 'none'"
                        + " WHERE m.n IS NULL",
                "DELETE i FROM items i JOIN more m ON m.user_id = i.user_id WHERE m.n > 15");
    }

    @Test
    void warnsAsOneMySql() throws Exception {
        twin.same(
                "SET sql_mode = ''",
                "UPDATE items SET name = 'much too long'",
                "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 2, 'x', 'ok'), (<2>, 2, 5, 'too long"
                        + " again'), (<3>, 2, 6, 'ok'), (<4>, 2, 'y', 'too long'), (<5>, 2, 99999999999, '')",
                "UPDATE items SET n = 0 WHERE seq = 5");
    }

    @Test
    void insertsRowsOfSeveralKeys() throws Exception {
        twin.same(
                "INSERT INTO items (user_id, seq, n) VALUES (<1>, 2, 2), (<2>, 2, 2), (<3>, 2, 2)",
                "INSERT INTO items VALUES (<1>, 3, 3, '),(', NOW(6)), (<2>, 3, 3, 'a''b', NULL),"
                        + " /* between */ (<7>, 3, 3, DEFAULT, '2020-01-01')",
                "INSERT IGNORE INTO items (user_id, seq, n) VALUES (<1>, 1, 5), (<2>, 9, 9), (<3>, 1, 5), (<8>, 1, 1)",
                "INSERT INTO items (seq, user_id, n, name) VALUES (1, <1>, 4, 'p'), (1, <2>, 1, 'b'),"
                        + " (1, <9>, 1, 'new'), (9, <5>, 1, 'q') ON DUPLICATE KEY UPDATE n = VALUES(n), name ="
                        + " CONCAT(LEFT(name, 2), '+')",
                "INSERT INTO items (user_id, seq, n) VALUES (<1>, 1, 6), (<2>, 1, 6), (<10>, 1, 6) AS new ON"
                        + " DUPLICATE KEY UPDATE n = new.n",
                "REPLACE INTO items (user_id, seq, n) VALUES (<1>, 1, 4), (<2>, 7, 6), (<3>, 8, 8), (<11>, 1, 1)",
                "INSERT INTO items (user_id, seq) VALUES (<1>, 20), (<1>, 21), (<2>, 20)",
                "INSERT items (user_id, seq) VALUE (<4>, 30), (<5>, 30), (<6>, 30);");
    }

    /** Rows that only the first two of are read by the parser. */
    @Test
    void insertsManyRows() throws Exception {
        String rows =
                IntStream.rangeClosed(1, 24)
                        .mapToObj(i ->
                                "(%s<%d>, %d, %s, %s)"
                                        .formatted(
                                                i % 5 == 0 ? "-" : "",
                                                i % 11 + 1,
                                                i,
                                                i % 3 == 0 ? "NULL" : "-" + i,
                                                i % 4 == 0 ? "DEFAULT" : "'),(" + i % 10 + "'"))
                        .collect(Collectors.joining(", "));
        String head = "INTO items (user_id, seq, n, name) VALUES " + rows;
        twin.same(
                "INSERT " + head,
                "INSERT IGNORE " + head,
                "REPLACE " + head,
                "INSERT " + head + " ON DUPLICATE KEY UPDATE n = n + 1, name = VALUES(name)");
    }

    @Test
    void aRowThatFailsTakesAllAlong() throws Exception {
        for (String rows :
                new String[] {
                    "(<12>, 1, 1), (<13>, 1, 1), (<14>, 1, 1), (<1>, 1, 1)",
                    "(<12>, 1, 1), (<13>, 1, 1), (<14>, 1, 1), (<2>, 1, 1)",
                    "(<12>, 1, 1), (<13>, 1, 1), (<14>, 1, 1), (<3>, 1, 1)",
                    "(<12>, 1, 1), (<13>, 1, NULL), (<14>, 1, 'x')",
                    "(<12>, 1, 1), (<13>, NULL, NULL), (<14>, 1, 2)"
                }) {
            String sql = "INSERT INTO items (user_id, seq, n) VALUES " + rows;
            assertThat(twin.same(sql)).startsWith("error");
            twin.sameRows();
            twin.same(
                    "BEGIN",
                    "UPDATE items SET n = 70 WHERE user_id IN (<1>, <2>, <3>)",
                    "SAVEPOINT mine",
                    sql,
                    "UPDATE items SET name = 'after' WHERE user_id IN (<4>, <5>)",
                    "ROLLBACK TO mine",
                    "COMMIT");
        }
        twin.same(
                "UPDATE items SET seq = 1, n = IF(user_id = <3>, 'x', 3)",
                "INSERT INTO items (user_id, seq, n) VALUES (<3>, 2, 1), (<4>, 2, 1)",
                "SET autocommit = 0",
                "INSERT INTO items (user_id, seq, n) VALUES (<1>, 5, 5), (<2>, 5, 5), (<3>, 1, 1)",
                "UPDATE items SET nothing = 1",
                "UPDATE items SET n = 50 WHERE seq = 1",
                "COMMIT",
                "SET autocommit = 1");
    }

    @Test
    void tellsGivenIdsAndRefusesWhatOnlyMySqlCanDraw() throws Exception {
        twin.same(
                "INSERT INTO orders (id, user_id, n) VALUES (1, <1>, 1), (2, <2>, 1), (3, <3>, 1), (4, <4>, 1)",
                "INSERT INTO orders (id, user_id, n) VALUES (4, <4>, 9), (1, <1>, 9), (2, <2>, 9) ON DUPLICATE"
                        + " KEY UPDATE n = n + 1");
        twin.both().same("SELECT * FROM orders ORDER BY id");
        for (String sql :
                new String[] {
                    "INSERT INTO orders VALUES (5 + 5, <1>, 1), (6, <2>, 1)",
                    "INSERT INTO orders VALUES (0.4, <1>, 1), (6, <2>, 1)",
                    "INSERT INTO orders VALUES ('a', <1>, 1), (6, <2>, 1)",
                    "INSERT INTO orders VALUES (NULL, <1>, id + 1), (6, <2>, 1)",
                }) {
            assertThatThrownBy(() -> run(twin.both().proxied(), sql))
                    .hasMessageContaining("SW-2031");
        }
        twin.both().same("SELECT * FROM orders ORDER BY id");
    }

    @Test
    void oneStatementHasOneTime() throws Exception {
        Connection client = twin.both().proxied();
        run(client, "UPDATE items SET at = NOW(6)");
        try (Statement statement = client.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(DISTINCT at), MAX(ABS(TIMESTAMPDIFF(SECOND, at,"
                                        + " NOW(6)))) < 60 FROM items")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(1);
            assertThat(rows.getInt(2)).isEqualTo(1);
        }
        twin.both().same("SET timestamp = 1000000000.5");
        twin.both().same("UPDATE items SET at = NOW(6)");
        twin.both().same("SELECT DISTINCT at FROM items");
        twin.both().same("SET timestamp = DEFAULT");
    }

    @Test
    void preparedStatementsSpreadAlike() throws Exception {
        try (SideBySide both =
                SideBySide.open(twin.proxy(), "useServerPrepStmts=true&cachePrepStmts=true")) {
            for (int round = 0; round < 2; round++) {
                for (Object[] each :
                        new Object[][] {
                            {
                                "UPDATE items SET n = ? WHERE user_id IN (?, ?, ?)",
                                40,
                                twin.key(1),
                                twin.key(2),
                                twin.key(3)
                            },
                            {
                                "UPDATE items SET n = ? WHERE user_id IN (?, ?)",
                                41,
                                twin.key(1),
                                "" + twin.key(2)
                            },
                            {"UPDATE items SET n = ? WHERE name = ?", 42, "d"},
                            {
                                "INSERT INTO items (user_id, seq, n, name) VALUES (?, ?, ?, ?), (?, 7, NULL, ?),"
                                        + " (<3>, ?, ?, 'lit') ON DUPLICATE KEY UPDATE name = ?",
                                twin.key(1),
                                7,
                                null,
                                "p1",
                                twin.key(2),
                                "p2",
                                7,
                                77,
                                "dup"
                            },
                            {
                                "INSERT INTO items (user_id, seq) VALUES (?, ?), (?, ?)",
                                twin.key(1),
                                8,
                                twin.key(2),
                                "notnumber"
                            },
                            {
                                "REPLACE INTO items (user_id, seq) VALUES (?, ?), (?, ?)",
                                twin.key(1),
                                8,
                                twin.key(2),
                                8
                            },
                            {
                                "DELETE FROM items WHERE user_id IN (?, ?, NULL) AND seq = ?",
                                twin.key(5),
                                twin.key(6),
                                1
                            },
                        }) {
                    String sql = twin.keyed((String) each[0]);
                    Object[] values = java.util.Arrays.copyOfRange(each, 1, each.length);
                    String there = WritesTwin.prepared(both.direct(), sql, values);
                    assertThat(WritesTwin.prepared(both.proxied(), sql, values))
                            .as(sql)
                            .isEqualTo(there);
                    twin.sameRows();
                }
            }
        }
    }

    @Test
    void sqlsExecuteSpreadsChanges() throws Exception {
        twin.same(
                "PREPARE p FROM 'UPDATE items SET n = ? WHERE user_id IN (?, ?, ?)'",
                "SET @n = 60, @a = <1>, @b = <2>, @c = <3>",
                "EXECUTE p USING @n, @a, @b, @c",
                "PREPARE p FROM 'DELETE FROM items WHERE n = 60'",
                "EXECUTE p");
    }

    @Test
    void singleRefusesThemUnlessOneShardHasAllRows() throws Exception {
        try (Connection client = twin.proxy().connect()) {
            run(client, "SHARDWAY SET transaction_mode = single");
            for (String sql :
                    new String[] {
                        "UPDATE items SET n = 9",
                        "DELETE FROM items WHERE user_id IN (<1>, <2>, <3>, <4>)",
                        "INSERT INTO items (user_id, seq) VALUES (<1>, 4), (<2>, 4), (<3>, 4), (<4>, 4)"
                    }) {
                assertThatThrownBy(() -> run(client, sql))
                        .hasMessageContaining("SW-200")
                        .hasMessageContaining("transaction_mode");
            }
            long first = twin.proxy().keyOn(1, 0);
            long second = twin.proxy().keyOn(1, 1);
            String list = "(%d, %d)".formatted(first, second);
            run(client, "UPDATE items SET n = 9 WHERE user_id IN " + list);
            run(client, "DELETE FROM items WHERE user_id IN " + list);
            run(
                    client,
                    "INSERT INTO items (user_id, seq) VALUES (%d, 1), (%d, 1)"
                            .formatted(first, second));
        }
        run(twin.both().direct(), "DELETE FROM items");
        run(twin.both().proxied(), "DELETE FROM items");
    }

    @Test
    void aLockWaitTimeoutOnTheSecondShardTakesBackTheFirst() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "SET innodb_lock_wait_timeout = 1");
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            assertThatThrownBy(() -> run(client, "UPDATE items SET n = 90"))
                    .hasMessageContaining("Lock wait timeout");
            twin.sameRows();
            run(
                    client,
                    "BEGIN",
                    "UPDATE items SET n = 91 WHERE user_id = " + twin.proxy().keyOn(1, 0));
            assertThatThrownBy(() -> run(client, "UPDATE items SET n = 90"))
                    .hasMessageContaining("Lock wait timeout");
            run(node, "ROLLBACK");
            run(client, "COMMIT");
        }
        run(
                twin.both().direct(),
                "UPDATE items SET n = 91 WHERE user_id = " + twin.proxy().keyOn(1, 0));
        twin.sameRows();
    }

    @Test
    void aConnectionLostOnTheSecondShardTakesBackTheFirst() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, "UPDATE items SET n = 90"));
            nodes.kill(2, nodes.awaitRunning(2, "UPDATE items%"));
            assertThatThrownBy(write::get).hasMessageContaining("SW-4002");
            run(node, "ROLLBACK");
            twin.sameRows();
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> inside =
                    threads.submit(() -> run(client, "BEGIN", "UPDATE items SET n = 90"));
            nodes.kill(2, nodes.awaitRunning(2, "UPDATE items%"));
            assertThatThrownBy(inside::get).hasMessageContaining("SW-4002");
            run(node, "ROLLBACK");
            assertThatThrownBy(() -> run(client, "COMMIT")).hasMessageContaining("SW-4007");
            run(client, "ROLLBACK");
        }
        twin.sameRows();
    }

    @Test
    void aShardThatCannotGoBackTakesTheWholeTransactionAlong() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            run(client, "SET innodb_lock_wait_timeout = 4", "BEGIN");
            run(client, "UPDATE items SET n = 91 WHERE user_id = <1>");
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, "UPDATE items SET n = 90"));
            nodes.awaitRunning(2, "UPDATE items%");
            nodes.killAll(1);
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4009")
                    .hasMessageContaining("Lock wait timeout");
            run(node, "ROLLBACK");
            twin.sameRows();
            run(client, "UPDATE items SET n = 2 WHERE user_id IN (<1>, <2>)");
            run(twin.both().direct(), "UPDATE items SET n = 2 WHERE user_id IN (<1>, <2>)");
        }
        twin.sameRows();
    }

    @Test
    void killQueryTakesBackTheStatement() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection killer = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            long id;
            try (Statement statement = client.createStatement();
                    ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, "UPDATE items SET n = 90"));
            nodes.awaitRunning(2, "UPDATE items%");
            run(killer, "KILL QUERY " + id);
            assertThatThrownBy(write::get).hasMessageContaining("interrupted");
            run(node, "ROLLBACK");
            twin.sameRows();
            run(client, "UPDATE items SET n = 2");
            run(twin.both().direct(), "UPDATE items SET n = 2");
        }
        twin.sameRows();
    }

    @Test
    void aCommitThatOnlyTheFirstShardDoesIsNamed() throws Exception {
        try (Connection client = twin.proxy().connect();
                Connection node = twin.proxy().onShard(1)) {
            Connection lock = twin.proxy().onShard(2);
            run(lock, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, "UPDATE items SET n = 90"));
            nodes.awaitRunning(2, "UPDATE items%");
            run(node, "FLUSH TABLES WITH READ LOCK");
            run(lock, "ROLLBACK");
            nodes.awaitRunning(1, "COMMIT%");
            nodes.killAll(2);
            NodeSide.until("its rows are free", () -> nodes.transactions(2) == 0);
            run(node, "UNLOCK TABLES");
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: s1; not committed: s2; unknown: none");
            lock.close();
        }
    }

    @Test
    void rowsAreCutRightAmongLettersOfSeveralBytes() throws Exception {
        twin.same(
                "/* ä */ INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 2, 2, 'äöü€'), (<2>, 2, 2,"
                        + " '🐬(),🐬'), (<3>, 2, /* € */ 2, 'ß'), (<4>, 2, 3, '(') ON DUPLICATE KEY UPDATE"
                        + " name = 'é'",
                "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, 2, 2, 'ä'), (<2>, 2, 2, '🐬'),"
                        + " (<5>, 2, 2, 'ß') ON DUPLICATE KEY UPDATE name = '€🐬'");
    }

    @Test
    void errorsHaveTheirSqlState() throws Exception {
        SideBySide both = twin.both();
        for (String sql :
                new String[] {
                    "INSERT INTO items (user_id, seq) VALUES (<1>, 9), (<2>, 1), (<3>, 9)",
                    "INSERT INTO items (user_id, seq) VALUES (<1>, 9), (<2>, 'x'), (<3>, 9)"
                }) {
            for (Connection side : new Connection[] {both.direct(), both.proxied()}) {
                assertThatThrownBy(() -> run(side, sql)).isInstanceOf(SQLException.class);
                run(side, "GET DIAGNOSTICS CONDITION 1 @s = RETURNED_SQLSTATE, @m = MESSAGE_TEXT");
            }
            both.same("SELECT @s, @m");
        }
    }

    @Test
    void asManyConditionsAreKeptAsTheSessionWants() throws Exception {
        for (int kept : new int[] {2, 0}) {
            twin.same(
                    "SET sql_mode = '', max_error_count = " + kept,
                    "INSERT INTO items (user_id, seq, n, name) VALUES (<1>, %d, 'x', 'ok'), (<2>, %d, 5, 'too long'), (<3>, %d, 'y', 'ok'), (<4>, %d, 'y', 'too long')"
                            .replace("%d", "" + (40 + kept)));
        }
        twin.same("SET sql_mode = DEFAULT, max_error_count = DEFAULT");
    }

    @Test
    void severalStatementsInOneTextSpreadAlike() throws Exception {
        try (SideBySide both = SideBySide.open(twin.proxy(), "allowMultiQueries=true")) {
            for (String sql :
                    new String[] {
                        "UPDATE items SET n = 5; INSERT INTO items (user_id, seq) VALUES (<1>, 5), (<2>, 5),"
                                + " (<3>, 5); DELETE FROM items WHERE user_id IN (<1>, <2>) AND n = 5",
                        "BEGIN; UPDATE items SET n = 6; INSERT INTO items (user_id, seq) VALUES (<4>, 6), (<5>, 6);"
                                + " COMMIT; UPDATE items SET name = 'last' WHERE n = 6",
                        "UPDATE items SET n = 7; INSERT INTO items (user_id, seq) VALUES (<4>, 7), (<5>, 6);"
                                + " DELETE FROM items"
                    }) {
                assertThat(counts(both.proxied(), sql))
                        .as(sql)
                        .isEqualTo(counts(both.direct(), sql));
                twin.sameRows();
            }
        }
    }

    private static String counts(Connection connection, String sql) throws SQLException {
        var told = new StringBuilder();
        try (Statement statement = connection.createStatement()) {
            statement.execute(twin.keyed(sql));
            for (int count = statement.getUpdateCount(); count >= 0; ) {
                told.append(count).append(' ');
                statement.getMoreResults();
                count = statement.getUpdateCount();
            }
        } catch (SQLException failed) {
            told.append(failed.getErrorCode());
        }
        return told.toString();
    }

    @Test
    void aClientThatDiesLeavesAllOrNothing() throws Exception {
        try (Connection node = twin.proxy().onShard(2)) {
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            RawClient client = RawClient.connect(twin.proxy());
            client.query("UPDATE items SET n = 55");
            nodes.awaitRunning(2, "UPDATE items%");
            client.die();
            run(node, "ROLLBACK");
        }
        nodes.awaitClean();
        run(twin.both().direct(), "UPDATE items SET n = 55");
        twin.sameRows();
    }

    @Test
    void nodesThatChainTransactionsKeepNoneOpen() throws Exception {
        try {
            completionIs("CHAIN");
            try (Connection client = twin.proxy().connect()) {
                run(client, "SET completion_type = DEFAULT", "UPDATE items SET n = 56");
                run(client, "BEGIN", "UPDATE items SET name = 'u'", "COMMIT");
                run(twin.both().direct(), "UPDATE items SET n = 56, name = 'u'");
                twin.sameRows();
                nodes.awaitClean();
            }
            completionIs("RELEASE");
            try (Connection client = twin.proxy().connect()) {
                run(client, "UPDATE items SET n = 57", "UPDATE items SET n = 58");
                run(twin.both().direct(), "UPDATE items SET n = 58");
                twin.sameRows();
            }
        } finally {
            completionIs("NO_CHAIN");
        }
    }

    private static void completionIs(String type) throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            twin.proxy()
                    .cluster()
                    .primary(shard)
                    .execute("SET GLOBAL completion_type = '" + type + "'");
            nodes.killAll(shard);
        }
    }

    @Test
    void aSessionThatIsKilledLeavesNothingOfItsStatement() throws Exception {
        try (Connection killer = twin.proxy().connect();
                Connection node = twin.proxy().onShard(2)) {
            Connection client = twin.proxy().connect();
            long id;
            try (Statement statement = client.createStatement();
                    ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            run(node, "BEGIN", "SELECT * FROM items FOR UPDATE");
            Future<?> write = threads.submit(() -> run(client, "UPDATE items SET n = 90"));
            nodes.awaitRunning(2, "UPDATE items%");
            run(killer, "KILL " + id);
            assertThatThrownBy(write::get).hasCauseInstanceOf(SQLException.class);
            NodeSide.until("it is rolled back", () -> nodes.transactions(1) == 0);
            run(node, "ROLLBACK");
        }
        nodes.awaitClean();
        twin.sameRows();
    }
}
