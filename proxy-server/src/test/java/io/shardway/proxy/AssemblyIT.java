package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How reads over several shards begin and end: transactions, limits, KILL, lost connections. */
@Timeout(180)
class AssemblyIT {

    private static final String COUNT = "SELECT COUNT(*), SUM(n) FROM users HAVING STD(n) >= 0";
    private static final String WIDE = "SELECT DISTINCT * FROM wide";
    private static final int ROWS = 40;

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "assemble.rows-max", "5000",
                                "assemble.bytes-max", "12MiB",
                                "assemble.concurrent-max", "2"));
        nodes = new NodeSide(proxy);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        try (Connection connection = proxy.connect()) {
            run(connection, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
            run(
                    connection,
                    "CREATE TABLE wide (user_id BIGINT NOT NULL PRIMARY KEY, t LONGTEXT, n INT)");
            run(connection, "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, n INT)");
            run(connection, "INSERT INTO notes VALUES (1, 1)");
            run(
                    connection,
                    "CREATE TABLE countries (code INT NOT NULL PRIMARY KEY, people INT)"
                            + " COMMENT 'shardway:reference'");
            run(connection, "INSERT INTO countries (code, people) VALUES (1, 1)");
            for (int user = 1; user <= ROWS; user++) {
                run(connection, "INSERT INTO users VALUES (%d, 1)".formatted(user));
            }
        }
    }

    @AfterAll
    static void stop() {
        threads.close();
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() {
        nodes.awaitClean();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        assertThat(SideBySide.describe(connection, sql)).as(sql).doesNotStartWith("error");
    }

    private static String rows(Connection connection, String sql) throws SQLException {
        String answer = SideBySide.describe(connection, sql);
        return answer.substring(answer.indexOf('|') + 1);
    }

    private static String all() {
        return ROWS + ", " + ROWS + ", ";
    }

    @Test
    void aTransactionSeesItsOwnWritesAndOnlyThose() throws SQLException {
        long here = proxy.keyOn(2, 0);
        try (Connection writer = proxy.connect();
                Connection other = proxy.connect()) {
            run(writer, "START TRANSACTION");
            run(writer, "UPDATE users SET n = 101 WHERE user_id = " + here);
            String own = ROWS + ", " + (ROWS + 100) + ", ";
            assertThat(rows(writer, COUNT)).isEqualTo(own);
            assertThat(rows(other, COUNT)).isEqualTo(all());
            run(other, "UPDATE notes SET n = 2 WHERE id = 1");
            assertThat(rows(writer, "SELECT MAX(u.n), MAX(s.n) FROM users u, notes s"))
                    .as("a single table is read in the transaction, too")
                    .isEqualTo("101, 1, ");
            assertThat(rows(other, "SELECT MAX(u.n), MAX(s.n) FROM users u, notes s"))
                    .isEqualTo("1, 2, ");
            run(writer, "ROLLBACK");
            assertThat(rows(writer, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void aTransactionReadsReferenceTablesFromACurrentCopyOnly() throws SQLException {
        String pinned = "SELECT n FROM users WHERE user_id = " + proxy.keyOn(2, 0);
        String joined = pinned.replace("WHERE", "JOIN countries WHERE code = 1 AND");
        try (Connection connection = proxy.connect();
                Connection node = proxy.onShard(2)) {
            run(node, "UPDATE countries SET people = 9");
            setCopy(node, "writes = writes + 1, write_id = 'x'");
            NodeSide.until(
                    "the copy is fenced", () -> rows(connection, joined).contains("SW-4052"));
            run(connection, "START TRANSACTION");
            assertThat(rows(connection, pinned)).isEqualTo("1, ");
            assertThat(rows(connection, "SELECT COUNT(*), MAX(people) FROM users, countries"))
                    .isEqualTo(ROWS + ", 1, ");
            run(connection, "COMMIT");
            assertThat(rows(connection, "SELECT COUNT(*), MAX(people) FROM users, countries"))
                    .isEqualTo(ROWS + ", 1, ");
            setCopy(node, "writes = 0, write_id = ''");
            NodeSide.until("the copy is read again", () -> rows(connection, joined).equals("1, "));
        }
    }

    private static void setCopy(Connection node, String values) throws SQLException {
        run(
                node,
                "UPDATE shardway.reference_copies SET %s WHERE keyspace_name = '%s'"
                        .formatted(values, proxy.keyspace()));
    }

    @Test
    void savepointsAndAutocommitOffWorkAcrossShards() throws SQLException {
        long here = proxy.keyOn(1, 1);
        try (Connection connection = proxy.connect()) {
            run(connection, "SET autocommit = 0");
            run(connection, "SAVEPOINT a");
            run(connection, "UPDATE users SET n = 5 WHERE user_id = " + here);
            assertThat(rows(connection, COUNT)).isEqualTo(ROWS + ", " + (ROWS + 4) + ", ");
            run(connection, "ROLLBACK TO a");
            assertThat(rows(connection, COUNT)).isEqualTo(all());
            run(connection, "ROLLBACK");
        }
    }

    @Test
    void theRealTablesAreSeenAgainAfterwards() throws SQLException {
        long here = proxy.keyOn(1, 0);
        try (Connection connection = proxy.connect()) {
            for (int round = 0; round < 5; round++) {
                assertThat(rows(connection, COUNT)).isEqualTo(all());
                assertThat(rows(connection, "SELECT n FROM users WHERE user_id = " + here))
                        .isEqualTo("1, ");
                assertThat(rows(connection, "SELECT nothing FROM users")).contains("1054");
            }
        }
    }

    @Test
    void noTraceIsLeftInTheBinlog() throws SQLException {
        String before = written();
        try (Connection connection = proxy.connect()) {
            rows(connection, COUNT);
            rows(connection, "SELECT COUNT(*) FROM users a JOIN users b ON a.n = b.n");
            run(connection, "START TRANSACTION READ ONLY");
            rows(connection, COUNT);
            run(connection, "COMMIT");
        }
        assertThat(written()).isEqualTo(before);
    }

    private static String written() throws SQLException {
        try (Connection node = proxy.onShard(1)) {
            return SideBySide.describe(node, "SHOW MASTER STATUS");
        }
    }

    @Test
    void tooMuchIsRefusedWithTheFigures() throws SQLException {
        try (Connection connection = proxy.connect()) {
            fill(connection, 300, 60_000);
            String refused = SideBySide.describe(connection, "SELECT STD(LENGTH(t)) FROM wide");
            assertThat(refused).contains("1104").contains("SW-5021").contains("bytes");
            assertThat(rows(connection, "SELECT COUNT(*) FROM wide"))
                    .as("the column is not brought unless it is named")
                    .isEqualTo("300, ");
            assertThat(rows(connection, "SELECT SUM(LENGTH(t)) FROM wide w WHERE w.n IN (3, 4)"))
                    .as("rows are asked for, not only columns")
                    .isEqualTo("120000, ");
            run(connection, "START TRANSACTION");
            assertThat(SideBySide.describe(connection, WIDE)).contains("SW-5021");
            assertThat(rows(connection, COUNT)).as("the transaction goes on").isEqualTo(all());
            run(connection, "COMMIT");
            empty();
            fill(connection, 180, 60_000);
            assertThat(rows(connection, "SELECT SUM(LENGTH(t)), STD(CRC32(t)) >= 0 FROM wide"))
                    .as("more than the proxy holds at once")
                    .isEqualTo(180 * 60_000 + ", 1, ");
            empty();
        }
    }

    private static void fill(Connection connection, int rows, int bytes) throws SQLException {
        for (int row = 1; row <= rows; row++) {
            run(
                    connection,
                    "INSERT INTO wide VALUES (%d, REPEAT('x', %d), %d)".formatted(row, bytes, row));
        }
    }

    private static void empty() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                run(node, "DELETE FROM wide");
            }
        }
    }

    @Test
    void aRowOfMoreThanSixteenMegabytesIsOneRowTooMany() throws SQLException {
        try (Connection connection = proxy.connect()) {
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection node = proxy.onShard(shard)) {
                    run(
                            node,
                            "INSERT INTO wide VALUES (%d, REPEAT('x', 17000000), 1)"
                                    .formatted(proxy.keyOn(shard, 3)));
                }
            }
            assertThat(SideBySide.describe(connection, WIDE)).contains("SW-5021");
            assertThat(rows(connection, "SELECT COUNT(*) FROM wide")).isEqualTo("2, ");
            empty();
        }
    }

    @Test
    void killQueryReachesAPullThatWaits() throws Exception {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection victim = proxy.connect();
                    Connection killer = proxy.connect();
                    Connection blocker = proxy.onShard(shard)) {
                long id = Long.parseLong(rows(victim, "SELECT CONNECTION_ID()").replace(", ", ""));
                run(blocker, "LOCK TABLES users WRITE");
                CompletableFuture<String> waiting = later(victim, COUNT);
                nodes.awaitRunning(shard, "SELECT%users%");
                assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
                assertThat(waiting.get()).startsWith("error 1317");
                run(blocker, "UNLOCK TABLES");
                assertThat(rows(victim, COUNT)).isEqualTo(all());
            }
            nodes.awaitClean();
        }
    }

    @Test
    void killQueryReachesTheClientsOwnStatement() throws Exception {
        // Without a condition MySQL multiplies the numbers of rows.
        String endless =
                "SELECT COUNT(*) FROM users a, users b, users c, users d, users e, users f"
                        + " WHERE a.n < b.n + c.n + d.n + e.n + f.n";
        try (Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = Long.parseLong(rows(victim, "SELECT CONNECTION_ID()").replace(", ", ""));
            CompletableFuture<String> running = later(victim, endless);
            NodeSide.until(
                    "it runs",
                    () ->
                            running.isDone()
                                    || nodes.threadsRunning(1, "SELECT COUNT(*)%").size() == 1);
            assertThat(running.getNow("")).isEmpty();
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            assertThat(running.get()).startsWith("error 1317");
            assertThat(rows(victim, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void aLostShardFailsTheWholeStatement() throws Exception {
        try (Connection reader = proxy.connect();
                Connection blocker = proxy.onShard(2)) {
            run(blocker, "LOCK TABLES users WRITE");
            CompletableFuture<String> waiting = later(reader, COUNT);
            nodes.kill(2, nodes.awaitRunning(2, "SELECT%users%"));
            assertThat(waiting.get()).startsWith("error").contains("SW-4002");
            run(blocker, "UNLOCK TABLES");
            assertThat(rows(reader, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void aLostShardFailsTheWholeTransaction() throws Exception {
        try (Connection reader = proxy.connect();
                Connection blocker = proxy.onShard(2)) {
            run(reader, "START TRANSACTION");
            run(reader, "UPDATE users SET n = 9 WHERE user_id = " + proxy.keyOn(1, 2));
            run(blocker, "LOCK TABLES users WRITE");
            CompletableFuture<String> waiting = later(reader, COUNT);
            nodes.kill(2, nodes.awaitRunning(2, "SELECT%users%"));
            assertThat(waiting.get()).startsWith("error").contains("SW-4002");
            run(blocker, "UNLOCK TABLES");
            assertThat(SideBySide.describe(reader, "COMMIT")).contains("SW-4007");
            run(reader, "ROLLBACK");
            assertThat(rows(reader, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void aClientThatLeavesLeavesNothingBehind() throws Exception {
        try (Connection blocker = proxy.onShard(2)) {
            Connection reader = proxy.connect();
            run(blocker, "LOCK TABLES users WRITE");
            CompletableFuture<String> waiting = later(reader, COUNT);
            nodes.awaitRunning(2, "SELECT%users%");
            reader.abort(threads);
            waiting.get();
            NodeSide.until(
                    "its read is ended", () -> nodes.threadsRunning(2, "SELECT%users%").isEmpty());
            run(blocker, "UNLOCK TABLES");
        }
        nodes.awaitClean();
        try (Connection connection = proxy.connect()) {
            assertThat(rows(connection, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void moreAtOnceThanAllowedAreRefused() throws Exception {
        try (Connection blocker = proxy.onShard(2);
                Connection last = proxy.connect()) {
            run(blocker, "LOCK TABLES users WRITE");
            List<Connection> readers = List.of(proxy.connect(), proxy.connect());
            var waiting = new ArrayList<CompletableFuture<String>>();
            for (Connection reader : readers) {
                waiting.add(later(reader, COUNT));
            }
            NodeSide.until("both wait", () -> nodes.threadsRunning(2, "SELECT%users%").size() == 2);
            assertThat(SideBySide.describe(last, COUNT)).contains("SW-5022");
            run(blocker, "UNLOCK TABLES");
            for (int i = 0; i < readers.size(); i++) {
                assertThat(waiting.get(i).get()).endsWith("|" + all());
                readers.get(i).close();
            }
            assertThat(rows(last, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void aCursorIsAnsweredWithAllRows() throws SQLException {
        try (Connection connection = proxy.connect("useCursorFetch=true");
                PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT user_id, n + ? FROM users WHERE n > ? ORDER BY user_id")) {
            statement.setFetchSize(3);
            for (int round = 0; round < 3; round++) {
                statement.setInt(1, round);
                statement.setInt(2, 0);
                int read = 0;
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        read++;
                        assertThat(rows.getLong(1)).isEqualTo(read);
                        assertThat(rows.getLong(2)).isEqualTo(round + 1);
                    }
                }
                assertThat(read).isEqualTo(ROWS);
            }
        }
    }

    @Test
    void severalStatementsOfOneCommandAreAnsweredInTheirTurn() throws SQLException {
        try (Connection connection = proxy.connect("allowMultiQueries=true")) {
            String answer =
                    SideBySide.describe(connection, COUNT + "; SELECT 1; " + COUNT + "; SELECT 2");
            assertThat(answer.split("; ")).hasSize(4);
            assertThat(answer).contains("|" + all()).endsWith("|2, ");
        }
    }

    @Test
    void valuesGoIntoVariables() throws SQLException {
        try (Connection connection = proxy.connect()) {
            run(connection, "SELECT COUNT(*), 'x' INTO @count, @x FROM users");
            assertThat(rows(connection, "SELECT @count, @x")).isEqualTo(ROWS + ", x, ");
            assertThat(rows(connection, "SELECT FOUND_ROWS()")).isEqualTo("1, ");
        }
    }

    @Test
    void explainTellsTheWayAndItsReason() throws SQLException {
        try (Connection admin = proxy.connectAsAdmin()) {
            assertThat(SideBySide.describe(admin, "SHARDWAY EXPLAIN " + COUNT))
                    .contains("assemble")
                    .contains("s1")
                    .contains("s2")
                    .contains("table users needs user_id = one value")
                    .contains("users (n)");
        }
    }

    private static CompletableFuture<String> later(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return SideBySide.describe(connection, sql);
                    } catch (SQLException closed) {
                        return "closed " + closed.getMessage();
                    }
                },
                threads);
    }
}
