package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes whose rows are assembled, broken off at each of their steps: by KILL QUERY, by a client
 * that dies, by a connection that is lost, at COMMIT, too. What is stored is all or nothing, and
 * what was told; nothing is left behind.
 */
@Timeout(180)
class BrokenWritesIT {

    private static final String INSERT = "INSERT INTO more SELECT user_id, LENGTH(name) FROM items";
    private static final String CHANGE =
            "UPDATE items SET n = n + 100 WHERE name IN (SELECT 'a' UNION SELECT 'bcd')";
    private static final String MOVE = "UPDATE items SET user_id = user_id + 1, seq = n + 20";
    private static final String DELETE = "DELETE FROM items ORDER BY n LIMIT 6";
    private static final String CREATE =
            "CREATE TABLE made SELECT user_id, LENGTH(name) AS n FROM items";

    private static final String COMMIT = "COMMIT AND";
    private static final String TIME_BACK = "SET @@SESSION.timestamp = DEFAULT";

    private static HopSite site;
    private static TestProxy proxy;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * A statement, and where it is when it is broken off: about to send a shard's node something.
     */
    private record Step(String sql, int shard, String at) {
        HoldingHop hop() {
            return site.hop(shard);
        }
    }

    @BeforeAll
    static void start() throws SQLException {
        site = HopSite.start();
        proxy = site.proxy();
        nodes = site.nodes();
        try (Connection client = proxy.connect()) {
            run(
                    client,
                    "CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT, name"
                            + " VARCHAR(5), PRIMARY KEY (user_id, seq))",
                    "CREATE TABLE more (user_id BIGINT NOT NULL PRIMARY KEY, n INT)",
                    "CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, n INT) COMMENT"
                            + " 'shardway:single'");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        site.close();
    }

    @BeforeEach
    void rows() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "DROP TABLE IF EXISTS made", "DELETE FROM items", "DELETE FROM more");
            for (int n = 0; n < 4; n++) {
                run(
                        client,
                        "INSERT INTO items VALUES (%d, 1, %d, 'a'), (%d, 1, %d, 'bcd')"
                                .formatted(proxy.keyOn(1, n), n, proxy.keyOn(2, n), n + 10));
            }
        }
        // Their statements are prepared anew, so that each of these is seen.
        for (int shard = 1; shard <= 2; shard++) {
            nodes.killAll(shard);
            nodes.awaitNoThreads(shard);
        }
    }

    @AfterEach
    void clean() throws Exception {
        site.holdNothing();
        threads.close();
        nodes.awaitClean();
        assertThat(site.held()).as("bytes held").isZero();
        try (Connection client = proxy.connect()) {
            run(client, "SET innodb_lock_wait_timeout = 5", "UPDATE items SET name = 'free'");
            run(client, "UPDATE more SET n = 0");
        }
    }

    private static Object run(Connection connection, String... all) throws SQLException {
        for (String sql : all) {
            TestProxy.run(connection, sql);
        }
        return "done";
    }

    private static long connectionId(Connection client) throws SQLException {
        try (Statement statement = client.createStatement();
                ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    static Stream<Step> beforeTheCommit() {
        return Stream.of(
                new Step(INSERT, 1, "SHOW CREATE TABLE"),
                new Step(INSERT, 2, "FOR SHARE"),
                new Step(INSERT, 1, "DROP TEMPORARY TABLE"),
                new Step(INSERT, 1, "INSERT INTO more"),
                new Step(INSERT, 2, "INSERT INTO more"),
                new Step(INSERT, 2, "SET @@SESSION.timestamp = 1"),
                new Step(INSERT, 2, TIME_BACK),
                new Step(CHANGE, 2, "FOR UPDATE"),
                new Step(CHANGE, 1, "TIMESTAMPDIFF"),
                new Step(CHANGE, 1, "DROP TEMPORARY TABLE"),
                new Step(CHANGE, 2, "INSERT INTO"),
                new Step(CHANGE, 2, TIME_BACK),
                new Step(MOVE, 1, "DROP TEMPORARY TABLE"),
                new Step(MOVE, 1, "DELETE FROM"),
                new Step(MOVE, 2, "INSERT INTO"),
                new Step(MOVE, 2, TIME_BACK),
                new Step(DELETE, 1, "DROP TEMPORARY TABLE"),
                new Step(DELETE, 1, "DELETE FROM"),
                new Step(CREATE, 2, "SELECT"),
                new Step(CREATE, 1, "SHOW CREATE TABLE"),
                new Step(CREATE, 1, "DROP TEMPORARY TABLE"),
                new Step(CREATE, 1, "INSERT INTO"),
                new Step(CREATE, 2, "INSERT INTO"),
                new Step(CREATE, 2, TIME_BACK),
                new Step(CREATE, 1, COMMIT),
                new Step(CREATE, 2, COMMIT));
    }

    /** CREATE TABLE ... SELECT is in no transaction. */
    static Stream<Step> inTransactions() {
        return beforeTheCommit().filter(step -> !step.sql().equals(CREATE));
    }

    private static void isInterrupted(Throwable failed) {
        assertThat(failed.getCause()).isInstanceOf(SQLException.class);
        assertThat(((SQLException) failed.getCause()).getErrorCode())
                .as(failed.getMessage())
                .isEqualTo(1317);
    }

    private Future<?> killedAt(Step step, Connection client) throws Exception {
        long id = connectionId(client);
        step.hop().holdAt(step.at());
        Future<?> write = threads.submit(() -> run(client, step.sql()));
        step.hop().awaitHeld();
        try (Connection killer = proxy.connect()) {
            run(killer, "KILL QUERY " + id);
        }
        step.hop().let(HoldingHop.Fate.GOES_ON);
        return write;
    }

    @ParameterizedTest
    @MethodSource("beforeTheCommit")
    void killQueryIsHeardAtEveryStep(Step step) throws Exception {
        List<String> before = site.stored();
        try (Connection client = proxy.connect()) {
            Future<?> write = killedAt(step, client);
            assertThatThrownBy(write::get).satisfies(BrokenWritesIT::isInterrupted);
            assertThat(site.stored()).isEqualTo(before);
            run(client, "SELECT COUNT(*) FROM items", step.sql());
            assertThat(site.stored()).isNotEqualTo(before);
        }
    }

    @Test
    void killQueryIsHeardWhileAShardPrepares() throws Exception {
        List<String> before = site.stored();
        String change = "ALTER TABLE more COMMENT = 'changed'";
        try (Connection client = proxy.connect();
                Connection killer = proxy.connect();
                Connection reader = proxy.onShard(2);
                Connection changer = proxy.onShard(2)) {
            long id = connectionId(client);
            run(reader, "BEGIN", "SELECT * FROM more");
            Future<?> changing = threads.submit(() -> run(changer, change));
            NodeSide.until("the change waits", () -> waitsForTable(reader, change));
            Future<?> write = threads.submit(() -> run(client, INSERT));
            NodeSide.until("it prepares", () -> waitsForTable(reader, "INSERT INTO more%"));
            run(killer, "KILL QUERY " + id);
            assertThatThrownBy(write::get).satisfies(BrokenWritesIT::isInterrupted);
            run(reader, "COMMIT");
            changing.get();
        }
        assertThat(site.stored()).isEqualTo(before);
    }

    /** Two other sessions have all connections to the shard that is to store. */
    @Test
    void killQueryIsHeardInTheLineForAConnection() throws Exception {
        String store = "INSERT INTO more SELECT id, n FROM notes";
        String hold = "SELECT * FROM items WHERE user_id = " + proxy.keyOn(2, 0);
        Map<String, String> settings =
                Map.of("session.transaction-mode", "best-effort", "backend.connections-max", "2");
        try (TestProxy small = proxy.another(HopSite.plainly(settings));
                Connection client = small.connect();
                Connection killer = small.connect();
                Connection one = small.connect();
                Connection two = small.connect()) {
            var status = new RunningStatus(small.proxy());
            run(
                    client,
                    "DELETE FROM notes",
                    "INSERT INTO notes VALUES (" + proxy.keyOn(2, 0) + ", 1)");
            List<String> before = site.stored();
            run(one, "BEGIN", hold);
            run(two, "BEGIN", hold);
            long id = connectionId(client);
            for (String[] each :
                    new String[][] {{INSERT, "reading from 1 shards"}, {store, "waiting for s2"}}) {
                Future<?> write = threads.submit(() -> run(client, each[0]));
                NodeSide.until(
                        "it waits",
                        () ->
                                status.sessions().stream()
                                        .anyMatch(session -> session.state().equals(each[1])));
                run(killer, "KILL QUERY " + id);
                assertThatThrownBy(write::get).satisfies(BrokenWritesIT::isInterrupted);
                assertThat(site.stored()).isEqualTo(before);
            }
            run(one, "COMMIT");
            run(client, store);
            assertThat(site.storedOn(2)).isNotEqualTo(before.get(1));
            run(two, "COMMIT");
        }
    }

    private static boolean waitsForTable(Connection node, String like) throws SQLException {
        try (Statement statement = node.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE"
                                        + " 'Waiting for table metadata%' AND INFO LIKE '"
                                        + like.replace("'", "''")
                                        + "'")) {
            return found.next();
        }
    }

    @ParameterizedTest
    @MethodSource("inTransactions")
    void aTransactionGoesOnWithoutTheKilledStatement(Step step) throws Exception {
        List<String> before = site.stored();
        String row = "items WHERE user_id = " + proxy.keyOn(2, 20);
        try (Connection client = proxy.connect()) {
            run(
                    client,
                    "INSERT INTO "
                            + row.replace(" WHERE user_id = ", " VALUES (")
                            + ", 9, 9, 'x')");
            run(client, "BEGIN", "UPDATE items SET n = 5 WHERE user_id = " + proxy.keyOn(2, 20));
            Future<?> write = killedAt(step, client);
            assertThatThrownBy(write::get).satisfies(BrokenWritesIT::isInterrupted);
            run(client, "COMMIT");
            assertThat(site.storedOn(2)).contains(proxy.keyOn(2, 20) + " 9 5 x");
            run(client, "DELETE FROM " + row);
        }
        assertThat(site.stored()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {INSERT, CHANGE, MOVE, DELETE})
    void killQueryComesTooLateForACommit(String sql) throws Exception {
        List<String> before = site.stored();
        try (Connection client = proxy.connect()) {
            killedAt(new Step(sql, 2, COMMIT), client).get();
        }
        assertThat(site.stored().getFirst()).isNotEqualTo(before.getFirst());
        assertThat(site.stored().get(1)).isNotEqualTo(before.get(1));
    }

    @ParameterizedTest
    @MethodSource("beforeTheCommit")
    void aClientThatDiesLeavesNothing(Step step) throws Exception {
        List<String> before = site.stored();
        try (RawClient client = RawClient.connect(proxy)) {
            dieAt(step, client);
        }
        assertThat(site.stored()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("inTransactions")
    void aClientThatDiesTakesItsTransactionAlong(Step step) throws Exception {
        List<String> before = site.stored();
        try (RawClient client = RawClient.connect(proxy)) {
            client.update("BEGIN");
            client.update("UPDATE items SET n = n + 1 WHERE user_id = " + proxy.keyOn(2, 1));
            dieAt(step, client);
        }
        assertThat(site.stored()).isEqualTo(before);
    }

    /** Returns when nothing of the session is left. */
    private static void dieAt(Step step, RawClient client) throws Exception {
        step.hop().holdAt(step.at());
        client.query(step.sql());
        step.hop().awaitHeld();
        client.die();
        NodeSide.until("the proxy has seen it", BrokenWritesIT::hasNoRawClient);
        step.hop().let(HoldingHop.Fate.GOES_ON);
        nodes.awaitClean();
        NodeSide.until("no table is left", () -> site.filling().isEmpty());
    }

    private static boolean hasNoRawClient() {
        return new RunningStatus(proxy.proxy())
                .sessions().stream().noneMatch(session -> session.user().equals("native"));
    }

    /** What was not told to be whole may be whole; a table is not there. */
    @ParameterizedTest
    @ValueSource(strings = {INSERT, CHANGE, MOVE, DELETE, CREATE})
    void aCommitWithoutAnAnswerIsToldShardByShard(String sql) throws Exception {
        for (int shard = 1; shard <= 2; shard++) {
            for (HoldingHop.Fate fate :
                    List.of(HoldingHop.Fate.LOST, HoldingHop.Fate.ANSWER_LOST)) {
                rows();
                List<String> before = site.stored();
                var step = new Step(sql, shard, COMMIT);
                try (Connection client = proxy.connect()) {
                    step.hop().holdAt(step.at());
                    Future<?> write = threads.submit(() -> run(client, sql));
                    step.hop().awaitHeld();
                    step.hop().let(fate);
                    assertThatThrownBy(write::get)
                            .as("%s %s", step, fate)
                            .hasMessageContaining("SW-4008")
                            .hasMessageContaining(
                                    shard == 1
                                            ? "committed: none; not committed: s2; unknown: s1"
                                            : "committed: s1; not committed: none; unknown: s2");
                    nodes.awaitClean();
                    boolean made = sql.equals(CREATE);
                    boolean first = shard == 2 || fate == HoldingHop.Fate.ANSWER_LOST;
                    boolean second = shard == 2 && fate == HoldingHop.Fate.ANSWER_LOST;
                    assertThat(site.storedOn(1).equals(before.getFirst()))
                            .as("%s %s: shard 1 is as before", step, fate)
                            .isEqualTo(made || !first);
                    assertThat(site.storedOn(2).equals(before.get(1)))
                            .as("%s %s: shard 2 is as before", step, fate)
                            .isEqualTo(made || !second);
                    run(client, "SELECT COUNT(*) FROM items");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {INSERT, MOVE, CREATE})
    void aNodeThatGoesAwayAtItsCommitIsNamed(String sql) throws Exception {
        List<String> before = site.stored();
        try (Connection client = proxy.connect()) {
            site.hop(2).holdAt(COMMIT);
            Future<?> write = threads.submit(() -> run(client, sql));
            site.hop(2).awaitHeld();
            site.hop(2).isDown(true);
            site.hop(2).let(HoldingHop.Fate.LOST);
            assertThatThrownBy(write::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: s1; not committed: none; unknown: s2")
                    .satisfies(told ->
                            assertThat(told.getMessage().contains(site.filling() + " is left"))
                                    .isEqualTo(sql.equals(CREATE)));
            site.hop(2).isDown(false);
            NodeSide.until("the node is back", () -> isBack(client));
            if (sql.equals(CREATE)) {
                run(client, "DROP TABLE " + site.filling());
            }
        }
        assertThat(site.storedOn(2)).isEqualTo(before.get(1));
        assertThat(site.storedOn(1).equals(before.getFirst())).isEqualTo(sql.equals(CREATE));
    }

    private static boolean isBack(Connection client) {
        try {
            run(client, "SELECT COUNT(*) FROM items");
            return true;
        } catch (SQLException away) {
            return false;
        }
    }

    @Test
    void nobodyStopsATableFromBeingDropped() throws Exception {
        List<String> before = site.stored();
        try (Connection client = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = connectionId(client);
            site.hop(2).holdAt(TIME_BACK);
            Future<?> write = threads.submit(() -> run(client, CREATE));
            site.hop(2).awaitHeld();
            site.hop(1).holdAt("DROP TABLE");
            site.hop(2).let(HoldingHop.Fate.LOST);
            site.hop(1).awaitHeld();
            run(killer, "KILL QUERY " + id);
            run(killer, "KILL " + id);
            site.hop(1).let(HoldingHop.Fate.GOES_ON);
            assertThatThrownBy(write::get).isInstanceOf(ExecutionException.class);
        }
        nodes.awaitClean();
        NodeSide.until("no table is left", () -> site.filling().isEmpty());
        assertThat(site.stored()).isEqualTo(before);
    }
}
