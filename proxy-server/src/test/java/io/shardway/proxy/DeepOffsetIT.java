package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pages far behind: what nodes send of the skipped rows, and that the page is the right one. */
@Timeout(180)
class DeepOffsetIT {

    private static final int ROWS = 8000;

    /** The rows alone have 1,000 bytes each. */
    private static final long BYTES_MAX = 800_000;

    private static final String TABLE =
            "CREATE TABLE deep (user_id BIGINT NOT NULL PRIMARY KEY, n INT, name VARCHAR(20), made"
                    + " DATETIME, at TIMESTAMP NULL, f DOUBLE, kind ENUM('a', 'b'), t VARCHAR(2000),"
                    + " KEY (n))";

    private static final String PAGE = "SELECT user_id, n, t FROM deep ORDER BY user_id LIMIT 4";

    private static final Read SCATTERED = Read.of(PAGE + " OFFSET ?", 5000);

    private static final Read ASSEMBLED =
            Read.of("SELECT * FROM deep ORDER BY name, user_id LIMIT 4 OFFSET ?", 5000);

    /** Rows that tests have put before the others. */
    private static final String NOTHING = "DELETE FROM deep WHERE user_id < 0";

    private static HopSite site;
    private static TestProxy proxy;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** A read with the values of its parameters. */
    private record Read(String sql, List<Object> values) {
        static Read of(String sql, Object... values) {
            return new Read(sql, List.of(values));
        }
    }

    /** How a client is connected, and what it says first. */
    private record Client(String parameters, List<String> said) {
        static Client of(String parameters, String... said) {
            return new Client(parameters, List.of(said));
        }

        Connection connect() throws SQLException {
            Connection connection = proxy.connect(parameters);
            for (String sql : said) {
                TestProxy.run(connection, sql);
            }
            return connection;
        }
    }

    private static final List<Read> READS =
            List.of(
                    Read.of("SELECT * FROM deep ORDER BY user_id LIMIT 3 OFFSET 6000"),
                    Read.of("SELECT * FROM deep ORDER BY user_id DESC LIMIT ? OFFSET ?", 3, 6001),
                    Read.of(
                            "SELECT LEFT(t, ?), d.user_id AS id FROM deep AS d WHERE n <> ? ORDER"
                                    + " BY 2 DESC LIMIT ?, ?",
                            2,
                            3,
                            5000,
                            4),
                    Read.of(
                            "SELECT HIGH_PRIORITY n, user_id, LENGTH(t) FROM deep ORDER BY n DESC,"
                                    + " deep.user_id LIMIT ? OFFSET 2713",
                            5),
                    Read.of(
                            "SELECT t, made, user_id FROM deep ORDER BY made, 3 LIMIT 2 OFFSET ?",
                            7000),
                    Read.of("SELECT * FROM deep ORDER BY n, user_id LIMIT 9 OFFSET ?", ROWS - 3),
                    Read.of("SELECT * FROM deep ORDER BY n LIMIT ? OFFSET ?", 0, 5000),
                    Read.of("SELECT * FROM deep WHERE n = ? ORDER BY user_id LIMIT 9, 9", 5),
                    Read.of(
                            "SELECT * FROM deep WHERE n = ? ORDER BY user_id LIMIT 9 OFFSET ?",
                            5,
                            9000),
                    Read.of("SELECT * FROM deep ORDER BY name, user_id LIMIT 3 OFFSET 6000"),
                    Read.of(
                            "SELECT UPPER(d.name), ? AS said, t FROM deep d WHERE n > 2 ORDER BY"
                                    + " d.name DESC, n, made DESC, d.user_id LIMIT ? OFFSET ?",
                            "é",
                            5,
                            2500),
                    Read.of("SELECT t FROM deep ORDER BY at, user_id LIMIT ?, 7", 4100),
                    Read.of("SELECT t, kind FROM deep ORDER BY f DESC, user_id LIMIT 5000, 3"),
                    Read.of("SELECT LEFT(t, 3) FROM deep ORDER BY user_id LIMIT 3 OFFSET ?", 5003),
                    Read.of("SELECT * FROM deep ORDER BY name, n LIMIT ? OFFSET ?", 0, 5000),
                    Read.of("SELECT t FROM deep ORDER BY name, user_id LIMIT 9, 9"),
                    Read.of("SELECT * FROM deep WHERE n <> 5 ORDER BY name LIMIT 9 OFFSET ?", 9000),
                    Read.of(
                            "SELECT * FROM deep WHERE n < ? AND name LIKE ? AND (f NOT BETWEEN ? AND ?)"
                                    + " AND kind IS NOT NULL ORDER BY name DESC, user_id LIMIT ?, 2",
                            6,
                            "É%",
                            5.5,
                            new BigDecimal("5.70"),
                            2100),
                    Read.of(
                            "SELECT * FROM deep WHERE made >= ? AND made < '2026-12-31 23:59:59' AND"
                                    + " name > ? ORDER BY name, user_id LIMIT 2 OFFSET 1500",
                            LocalDateTime.of(2026, 1, 2, 3, 0),
                            "é1"),
                    Read.of(
                            "SELECT * FROM deep WHERE made BETWEEN ? AND ? ORDER BY name, user_id"
                                    + " LIMIT 2 OFFSET ?",
                            "2026-01-02",
                            LocalDate.of(2026, 2, 1),
                            1500));

    @BeforeAll
    static void start() throws SQLException {
        site = HopSite.start();
        proxy = site.proxy();
        SideBySide.prepare(proxy, TABLE);
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                fill(node, "deep", shard);
            }
            try (Connection direct = SideBySide.direct(proxy, "")) {
                fill(direct, "deep", shard);
            }
        }
    }

    private static void fill(Connection node, String table, int shard) throws SQLException {
        TestProxy.run(node, "SET cte_max_recursion_depth = 1000000");
        TestProxy.run(
                node,
                ("INSERT INTO %s WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM c"
                                + " WHERE i < %d) SELECT i * 2 + %d, i %% 7, CONCAT(ELT(1 + i %% 3, 'e',"
                                + " 'É', 'f'), i DIV 8), '2026-01-01' + INTERVAL i * 37 %% 1000 HOUR,"
                                + " '2026-10-25' + INTERVAL i %% 3000 MINUTE, i %% 100 / 3, 1 + i %% 2,"
                                + " REPEAT('x', 1000) FROM c")
                        .formatted(table, ROWS / 2, shard));
    }

    @AfterAll
    static void stop() throws IOException {
        site.close();
    }

    /** So that what is prepared is seen. */
    @BeforeEach
    void nothingIsPrepared() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            site.nodes().killAll(shard);
            site.nodes().awaitNoThreads(shard);
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        site.holdNothing();
        threads.close();
        site.nodes().awaitClean();
        onBoth(NOTHING);
    }

    static Stream<Client> clients() {
        return Stream.of("", "useServerPrepStmts=true")
                .flatMap(parameters ->
                        Stream.of(
                                Client.of(parameters),
                                Client.of(parameters, "BEGIN"),
                                Client.of(parameters, "SET autocommit = 0"),
                                Client.of(
                                        parameters,
                                        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                                        "START TRANSACTION READ ONLY"),
                                Client.of(
                                        parameters,
                                        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                                        "START TRANSACTION"),
                                Client.of(parameters, "DO GET_LOCK('deep', 0)")));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void ofSkippedRowsNoMoreIsSentThanWhatTheyAreOrderedBy(Client client) throws SQLException {
        try (Connection connection = client.connect();
                Connection direct = SideBySide.direct(proxy, client.parameters())) {
            for (Read read : READS) {
                long before = bytesSent();
                String page = answer(connection, read);
                assertThat(bytesSent() - before).as(read.sql()).isLessThan(BYTES_MAX);
                String found = found(connection);
                assertThat(page).as(read.sql()).isEqualTo(answer(direct, read));
                assertThat(found).as(read.sql()).isEqualTo(found(direct));
            }
        }
    }

    private static String found(Connection connection) throws SQLException {
        return answer(connection, Read.of("SELECT FOUND_ROWS()"));
    }

    private static String answer(Connection connection, Read read) throws SQLException {
        var out = new StringBuilder();
        try (PreparedStatement statement = connection.prepareStatement(read.sql())) {
            for (int value = 0; value < read.values().size(); value++) {
                statement.setObject(value + 1, read.values().get(value));
            }
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                for (int i = 1; i <= columns; i++) {
                    out.append(result.getMetaData().getColumnLabel(i)).append(' ');
                    out.append(result.getMetaData().getColumnTypeName(i)).append(", ");
                }
                while (result.next()) {
                    out.append('|');
                    for (int i = 1; i <= columns; i++) {
                        out.append(result.getString(i)).append(", ");
                    }
                }
            }
        }
        return out.toString();
    }

    private static long bytesSent() throws SQLException {
        long sum = 0;
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet status =
                            statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Bytes_sent'")) {
                status.next();
                sum += status.getLong(2);
            }
        }
        return sum;
    }

    @Test
    void aTransactionsOwnRowsCount() throws SQLException {
        try (Connection connection = proxy.connect()) {
            TestProxy.run(connection, "BEGIN");
            TestProxy.run(connection, "INSERT INTO deep (user_id, n, t) VALUES (-1, -1, 'own')");
            assertThat(answer(connection, Read.of(PAGE + " OFFSET 5000")))
                    .contains("|5002, ")
                    .doesNotContain("|5006");
            TestProxy.run(connection, "ROLLBACK");
            assertThat(answer(connection, Read.of(PAGE + " OFFSET 5000"))).contains("|5006, ");
        }
    }

    /** The default shard's, which has the temporary tables. */
    @Test
    void aReadOnlyNodeIsNoHindranceAndNoTraceIsLeftInItsBinlog() throws SQLException {
        try (Connection connection = proxy.connect();
                Connection node = proxy.onShard(1)) {
            TestProxy.run(node, "SET GLOBAL super_read_only = 1");
            try {
                String before = SideBySide.describe(node, "SHOW MASTER STATUS");
                for (Read read :
                        List.of(
                                ASSEMBLED,
                                Read.of(
                                        "SELECT n % 3 AS rest, AVG(n), COUNT(DISTINCT made) FROM deep"
                                                + " GROUP BY 1 HAVING COUNT(*) > ? ORDER BY 1",
                                        5),
                                Read.of(
                                        "SELECT a.user_id, ROW_NUMBER() OVER (ORDER BY a.user_id)"
                                                + " AS place FROM deep a JOIN deep b ON b.user_id ="
                                                + " a.user_id + 1 WHERE a.n = 3 AND a.user_id < ?"
                                                + " ORDER BY 1",
                                        99))) {
                    assertThat(answer(connection, read)).as(read.sql()).isEqualTo(direct(read));
                }
                assertThat(SideBySide.describe(node, "SHOW MASTER STATUS")).isEqualTo(before);
            } finally {
                TestProxy.run(node, "SET GLOBAL super_read_only = 0");
                TestProxy.run(node, "SET GLOBAL read_only = 0");
            }
        }
    }

    @Test
    void aPageIsExplained() throws SQLException {
        try (Connection connection = proxy.connect()) {
            for (String sql :
                    List.of(
                            PAGE + " OFFSET 5000",
                            "SELECT * FROM deep ORDER BY name, user_id LIMIT 4 OFFSET 5000")) {
                for (String how : List.of("EXPLAIN ", "EXPLAIN FORMAT=TREE ", "EXPLAIN ANALYZE ")) {
                    assertThat(answer(connection, Read.of(how + sql))).as(how + sql).contains("|");
                }
            }
        }
    }

    /** What a client's page is when this happens on shard 2 while it is read. */
    private String pageMeanwhile(Client client, Read page, String change) throws Exception {
        nothingIsPrepared();
        try (Connection connection = client.connect()) {
            site.hop(2).holdAt(" OFFSET ");
            CompletableFuture<String> answer = answerSoon(connection, page);
            site.hop(2).awaitHeld();
            try (Connection node = proxy.onShard(2)) {
                TestProxy.run(node, change);
            }
            site.hop(2).let(HoldingHop.Fate.GOES_ON);
            return answer.get(NodeSide.BOUND.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private CompletableFuture<String> answerSoon(Connection connection, Read read) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return answer(connection, read);
                    } catch (SQLException failed) {
                        return "error " + failed.getErrorCode();
                    }
                },
                threads);
    }

    private static String before(int rows) {
        return "INSERT INTO deep (user_id) WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i +"
                + " 1 FROM c WHERE i < "
                + rows
                + ") SELECT -i FROM c";
    }

    /** What a change takes away is there before. */
    private static void before(String change) throws SQLException {
        onBoth(NOTHING);
        if (change.equals(NOTHING)) {
            onBoth(before(50));
        }
    }

    private static String direct(Read page) throws SQLException {
        try (Connection direct = SideBySide.direct(proxy, "")) {
            return answer(direct, page);
        }
    }

    private static void onBoth(String change) throws SQLException {
        try (Connection direct = SideBySide.direct(proxy, "");
                Connection node = proxy.onShard(2)) {
            TestProxy.run(direct, change);
            TestProxy.run(node, change);
        }
    }

    static Stream<Arguments> pages() {
        return Stream.of("", "useServerPrepStmts=true")
                .flatMap(parameters ->
                        Stream.of(SCATTERED, ASSEMBLED)
                                .map(page -> Arguments.of(parameters, page)));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void rowsThatComeMeanwhileAreSeenByAllOfThePageOrByNone(String parameters, Read page)
            throws Exception {
        String committed = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
        for (String change : List.of(before(100), before(1), NOTHING)) {
            before(change);
            String old = direct(page);
            for (Client client : List.of(Client.of(parameters), Client.of(parameters, "BEGIN"))) {
                assertThat(pageMeanwhile(client, page, change)).isEqualTo(old);
                before(change);
            }
            String now = pageMeanwhile(Client.of(parameters, committed, "BEGIN"), page, change);
            try (Connection direct = SideBySide.direct(proxy, "")) {
                TestProxy.run(direct, change);
            }
            assertThat(now).isEqualTo(direct(page)).isNotEqualTo(old);
        }
    }

    private static Stream<Client> steppers() {
        return Stream.of(
                Client.of(""),
                Client.of("", "BEGIN"),
                Client.of("useServerPrepStmts=true", "DO GET_LOCK('deep', 0)"));
    }

    static Stream<Arguments> steps() {
        return Stream.concat(
                steppers().map(client -> Arguments.of(client, SCATTERED, 2, " OFFSET ")),
                steppers()
                        .flatMap(client ->
                                Stream.of(
                                                "CREATE TEMPORARY TABLE",
                                                "shardway_deep_keys",
                                                "shardway_deep_rows",
                                                "INSERT INTO",
                                                "ROW_NUMBER",
                                                "MIN(shardway_i)",
                                                "RANK()",
                                                "DELETE FROM",
                                                " OFFSET ")
                                        .map(at ->
                                                Arguments.of(
                                                        client,
                                                        ASSEMBLED,
                                                        at.equals(" OFFSET ") ? 2 : 1,
                                                        at))));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aPageIsKilledAnywhere(Client client, Read page, int shard, String at) throws Exception {
        try (Connection connection = client.connect();
                Connection other = proxy.connect();
                Statement killing = other.createStatement()) {
            String id = answer(connection, Read.of("SELECT CONNECTION_ID()"));
            site.hop(shard).holdAt(at);
            CompletableFuture<String> answer = answerSoon(connection, page);
            site.hop(shard).awaitHeld();
            killing.execute("KILL QUERY " + id.replaceAll(".*\\||\\D", ""));
            site.hop(shard).let(HoldingHop.Fate.GOES_ON);
            assertThat(answer.get(NodeSide.BOUND.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("error 1317");
            assertThat(answer(connection, page)).isEqualTo(direct(page));
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aShardThatIsLostFailsThePageAndNothingElse(String parameters, Read page) throws Exception {
        for (HoldingHop.Fate fate : List.of(HoldingHop.Fate.LOST, HoldingHop.Fate.ANSWER_LOST)) {
            for (Client client : List.of(Client.of(parameters), Client.of(parameters, "BEGIN"))) {
                nothingIsPrepared();
                try (Connection connection = client.connect()) {
                    site.hop(2).holdAt(" OFFSET ");
                    CompletableFuture<String> answer = answerSoon(connection, page);
                    site.hop(2).awaitHeld();
                    site.hop(2).let(fate);
                    assertThat(answer.get(NodeSide.BOUND.toSeconds(), TimeUnit.SECONDS))
                            .startsWith("error ");
                    TestProxy.run(connection, "ROLLBACK");
                    assertThat(answer(connection, page)).isEqualTo(direct(page));
                }
            }
        }
    }
}
