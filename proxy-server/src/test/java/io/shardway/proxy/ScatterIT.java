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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How reads that the shards answer by themselves begin and end, and how much passes through. */
@Timeout(180)
class ScatterIT {

    private static final String COUNT = "SELECT COUNT(*), SUM(n) FROM users";
    private static final String ROWS = "SELECT user_id, n FROM users";
    private static final String ORDERED = ROWS + " ORDER BY user_id";
    private static final int USERS = 40;

    /** More than a read that is assembled may bring. */
    private static final int MANY = 40_000;

    private static final String DEEP = "SELECT n, user_id FROM users ORDER BY 2 LIMIT 2000, 1";

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("assemble.rows-max", "5000", "assemble.bytes-max", "1MiB"));
        nodes = new NodeSide(proxy);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        try (Connection connection = proxy.connect()) {
            run(connection, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
            run(
                    connection,
                    "CREATE TABLE many (user_id BIGINT NOT NULL PRIMARY KEY, t VARCHAR(2000), n"
                            + " INT, KEY (n))");
            for (int user = 1; user <= USERS; user++) {
                run(connection, "INSERT INTO users VALUES (%d, 1)".formatted(user));
            }
        }
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                run(node, "SET cte_max_recursion_depth = 1000000");
                run(
                        node,
                        "INSERT INTO many WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i +"
                                + " 1 FROM c WHERE i < %d) SELECT i * 2 + %d, REPEAT('x', 1500), i %% 7"
                                        .formatted(MANY / 2, shard)
                                + " FROM c");
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
        return USERS + ", " + USERS + ", ";
    }

    /** How many rows come, each greater than the one before. */
    private static int countOrdered(Statement statement, String sql) throws SQLException {
        int count = 0;
        long before = Long.MIN_VALUE;
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                assertThat(rows.getLong(1)).isGreaterThan(before);
                before = rows.getLong(1);
                count++;
            }
        }
        return count;
    }

    @Test
    void moreThanCanBeAssembledPassesThrough() throws SQLException {
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            try (Connection connection = proxy.connect(parameters);
                    Statement statement = connection.createStatement()) {
                statement.setFetchSize(Integer.MIN_VALUE);
                assertThat(countOrdered(statement, "SELECT user_id, t FROM many ORDER BY user_id"))
                        .isEqualTo(MANY);
                try (PreparedStatement prepared =
                        connection.prepareStatement("SELECT user_id, t FROM many WHERE n < ?")) {
                    prepared.setFetchSize(Integer.MIN_VALUE);
                    prepared.setInt(1, 7);
                    int count = 0;
                    try (ResultSet rows = prepared.executeQuery()) {
                        while (rows.next()) {
                            count++;
                        }
                    }
                    assertThat(count).isEqualTo(MANY);
                }
                assertThat(rows(connection, "SELECT FOUND_ROWS()")).isEqualTo(MANY + ", ");
                assertThat(rows(connection, "SELECT n, COUNT(*) FROM many GROUP BY n LIMIT 6, 1"))
                        .isEqualTo("6, " + MANY / 2 / 7 * 2 + ", ");
                assertThat(rows(connection, "SELECT user_id FROM many ORDER BY 1 LIMIT 39999, 9"))
                        .isEqualTo(MANY + 2 + ", ");
            }
        }
    }

    @Test
    void aSlowClientHoldsUpTheShardsOnly() throws Exception {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(Integer.MIN_VALUE);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM many ORDER BY user_id")) {
                rows.next();
                nodes.awaitRunning(1, "SELECT%many%");
                nodes.awaitRunning(2, "SELECT%many%");
                int count = 1;
                while (rows.next()) {
                    count++;
                }
                assertThat(count).isEqualTo(MANY);
            }
        }
    }

    @Test
    void aTransactionSeesItsOwnWritesAndOnlyThose() throws SQLException {
        long here = proxy.keyOn(2, 0);
        String one = ROWS + " WHERE n > 1";
        try (Connection writer = proxy.connect();
                Connection other = proxy.connect()) {
            run(writer, "START TRANSACTION");
            run(writer, "UPDATE users SET n = 101 WHERE user_id = " + here);
            assertThat(rows(writer, COUNT)).isEqualTo(USERS + ", " + (USERS + 100) + ", ");
            assertThat(rows(writer, one)).isEqualTo(here + ", 101, ");
            assertThat(rows(writer, one + " ORDER BY user_id")).isEqualTo(here + ", 101, ");
            assertThat(rows(other, COUNT)).isEqualTo(all());
            assertThat(rows(other, one)).endsWith("n BIGINT, ");
            run(other, "UPDATE users SET n = 2 WHERE user_id = " + proxy.keyOn(1, 0));
            assertThat(rows(writer, one)).isEqualTo(here + ", 101, ");
            run(writer, "ROLLBACK");
            run(other, "UPDATE users SET n = 1 WHERE user_id = " + proxy.keyOn(1, 0));
            run(writer, "SET autocommit = 0");
            assertThat(rows(writer, COUNT)).isEqualTo(all());
            run(other, "UPDATE users SET n = 2 WHERE user_id = " + proxy.keyOn(1, 0));
            assertThat(rows(writer, COUNT)).as("still in its transaction").isEqualTo(all());
            run(writer, "ROLLBACK");
            run(other, "UPDATE users SET n = 1 WHERE user_id = " + proxy.keyOn(1, 0));
        }
    }

    @Test
    void anErrorOfARowEndsTheAnswer() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String order : List.of("", " ORDER BY user_id")) {
                String failing =
                        "SELECT user_id, t, 9223372036854775807 - 39990 + user_id FROM many";
                assertThat(SideBySide.describe(connection, failing + order))
                        .startsWith("error 1690");
                assertThat(rows(connection, "SHOW WARNINGS")).contains("1690");
                statement.setFetchSize(Integer.MIN_VALUE);
                assertThatThrownBy(() -> countOrderless(statement, failing + order))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                error -> assertThat(error.getErrorCode()).isEqualTo(1690));
                assertThat(rows(connection, COUNT)).isEqualTo(all());
            }
        }
    }

    private static void countOrderless(Statement statement, String sql) throws SQLException {
        int count = 0;
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                count++;
            }
        }
        throw new AssertionError(count + " rows without an error");
    }

    @Test
    void warningsOfAllShardsAreCounted() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT n / 0 FROM users")) {
                while (rows.next()) {
                    assertThat(rows.getString(1)).isNull();
                }
            }
            assertThat(rows(connection, "SHOW COUNT(*) WARNINGS")).isEqualTo(USERS + ", ");
            assertThat(rows(connection, "SELECT n FROM users LIMIT 1")).isEqualTo("1, ");
            assertThat(rows(connection, "SHOW COUNT(*) WARNINGS")).isEqualTo("0, ");
        }
    }

    @Test
    void killQueryReachesEachShard() throws Exception {
        for (String sql : List.of(COUNT, ROWS, ORDERED, DEEP)) {
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection victim = proxy.connect();
                        Connection killer = proxy.connect();
                        Connection blocker = proxy.onShard(shard)) {
                    long id =
                            Long.parseLong(
                                    rows(victim, "SELECT CONNECTION_ID()").replace(", ", ""));
                    run(blocker, "LOCK TABLES users WRITE");
                    CompletableFuture<String> waiting = later(victim, sql);
                    nodes.awaitRunning(shard, "SELECT%users%");
                    assertThat(SideBySide.describe(killer, "KILL QUERY " + id))
                            .isEqualTo("count 0");
                    assertThat(waiting.get()).startsWith("error 1317");
                    run(blocker, "UNLOCK TABLES");
                    assertThat(rows(victim, COUNT)).isEqualTo(all());
                }
                nodes.awaitClean();
            }
        }
    }

    @Test
    void aLostShardFailsTheWholeStatement() throws Exception {
        for (String sql : List.of(COUNT, ROWS, ORDERED, DEEP)) {
            try (Connection reader = proxy.connect();
                    Connection blocker = proxy.onShard(2)) {
                run(blocker, "LOCK TABLES users WRITE");
                CompletableFuture<String> waiting = later(reader, sql);
                nodes.kill(2, nodes.awaitRunning(2, "SELECT%users%"));
                assertThat(waiting.get()).startsWith("error").contains("SW-4002");
                run(blocker, "UNLOCK TABLES");
                assertThat(rows(reader, COUNT)).isEqualTo(all());
            }
        }
    }

    @Test
    void aLostShardFailsTheWholeTransaction() throws Exception {
        try (Connection reader = proxy.connect();
                Connection blocker = proxy.onShard(2)) {
            run(reader, "START TRANSACTION");
            run(reader, "UPDATE users SET n = 9 WHERE user_id = " + proxy.keyOn(1, 2));
            run(blocker, "LOCK TABLES users WRITE");
            CompletableFuture<String> waiting = later(reader, ORDERED);
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
        Connection reader = proxy.connect();
        Statement statement = reader.createStatement();
        statement.setFetchSize(Integer.MIN_VALUE);
        ResultSet rows = statement.executeQuery("SELECT * FROM many ORDER BY user_id");
        rows.next();
        reader.abort(threads);
        NodeSide.until(
                "its reads are ended",
                () ->
                        nodes.threadsRunning(1, "SELECT%many%").isEmpty()
                                && nodes.threadsRunning(2, "SELECT%many%").isEmpty());
        nodes.awaitClean();
        try (Connection connection = proxy.connect()) {
            assertThat(rows(connection, COUNT)).isEqualTo(all());
        }
    }

    @Test
    void severalStatementsOfOneCommandAreAnsweredInTheirTurn() throws SQLException {
        try (Connection connection = proxy.connect("allowMultiQueries=true")) {
            String answer =
                    SideBySide.describe(
                            connection, COUNT + "; SELECT 1; " + ORDERED + " LIMIT 2; SELECT 2");
            assertThat(answer.split("; ")).hasSize(4);
            assertThat(answer).contains("|" + all()).contains("|1, 1, |2, 1, ").endsWith("|2, ");
        }
    }

    @Test
    void limitsMayBeParameters() throws SQLException {
        try (Connection connection = proxy.connect("useServerPrepStmts=true")) {
            assertThat(bound(connection, ORDERED + " LIMIT ?", 3)).isEqualTo(List.of(1L, 2L, 3L));
            assertThat(bound(connection, ORDERED + " LIMIT ?", 0)).isEmpty();
            assertThat(bound(connection, ORDERED + " LIMIT ?, 2", 3))
                    .as("assembled: shards would need another value")
                    .isEqualTo(List.of(4L, 5L));
        }
    }

    private static List<Long> bound(Connection connection, String sql, int value)
            throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
            prepared.setInt(1, value);
            var keys = new ArrayList<Long>();
            try (ResultSet rows = prepared.executeQuery()) {
                while (rows.next()) {
                    keys.add(rows.getLong(1));
                }
            }
            return keys;
        }
    }

    @Test
    void explainTellsTheWayAndItsReason() throws SQLException {
        try (Connection admin = proxy.connectAsAdmin()) {
            assertThat(SideBySide.describe(admin, "SHARDWAY EXPLAIN " + COUNT))
                    .contains("scatter")
                    .contains("table users needs user_id = one value")
                    .contains("added to the others'");
            assertThat(SideBySide.describe(admin, "SHARDWAY EXPLAIN " + ORDERED + " DESC"))
                    .contains("merged by user_id DESC");
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
