package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions from two proxies at once, and statements while tables change. */
@Timeout(180)
class ConcurrentDefinitionsIT {

    private static TestProxy first;
    private static TestProxy second;
    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        first = TestProxy.start();
        second = first.another(Map.of("definition.lock-timeout", "1s"));
    }

    @AfterAll
    static void stop() {
        second.close();
        first.close();
    }

    @AfterEach
    void end() {
        over.set(true);
        threads.close();
    }

    @Test
    void makesATableOnceWhenTwoProxiesMakeItAtOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            String sql = "CREATE TABLE race" + i + " (user_id BIGINT NOT NULL PRIMARY KEY)";
            Future<Integer> one = threads.submit(() -> codeOf(first, sql));
            Future<Integer> two = threads.submit(() -> codeOf(second, sql));
            assertThat(List.of(one.get(60, TimeUnit.SECONDS), two.get(60, TimeUnit.SECONDS)))
                    .as("one makes it; the other hears that it exists, or waits too long")
                    .contains(0)
                    .containsAnyOf(1050, 1205);
        }
    }

    @Test
    void addsEveryColumnOnceWhileBothProxiesWriteRows() throws Exception {
        execute(
                first,
                "CREATE TABLE busy (user_id BIGINT NOT NULL, n INT, PRIMARY KEY (user_id, n))");
        List<Future<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            TestProxy proxy = i % 2 == 0 ? first : second;
            long key = first.keyOn(i % 2 + 1, i);
            writers.add(threads.submit(() -> write(proxy, key, over)));
        }
        for (int i = 0; i < 6; i++) {
            execute(first, "ALTER TABLE busy ADD COLUMN c" + i + " INT FIRST");
        }
        over.set(true);
        int written = 0;
        for (Future<Integer> writer : writers) {
            written += writer.get(60, TimeUnit.SECONDS);
        }
        assertThat(written).isPositive();
        assertThat(rows(1) + rows(2)).isEqualTo(written);
        assertThat(DefinitionsIT.createOf(first.onShard(1), "busy"))
                .isEqualTo(DefinitionsIT.createOf(first.onShard(2), "busy"))
                .contains("`c0`", "`c5`");
    }

    @Test
    void routesRowsWithoutColumnNamesRightWhileTheKeyChangesItsPlace() throws Exception {
        execute(first, "CREATE TABLE moving (user_id BIGINT NOT NULL, n BIGINT NOT NULL)");
        long one = first.keyOn(1, 5);
        long two = first.keyOn(2, 5);
        List<Future<Integer>> writers = new ArrayList<>();
        for (TestProxy proxy : List.of(first, second)) {
            writers.add(threads.submit(() -> writeBare(proxy, one, two, over)));
        }
        for (int i = 0; i < 6; i++) {
            execute(
                    first,
                    "ALTER TABLE moving MODIFY COLUMN n BIGINT NOT NULL "
                            + (i % 2 == 0 ? "FIRST" : "AFTER user_id"));
        }
        over.set(true);
        for (Future<Integer> writer : writers) {
            writer.get(60, TimeUnit.SECONDS);
        }
        // Whichever column was the key when a row came: it is on the shard of its key.
        assertThat(count(1, "SELECT COUNT(*) FROM moving WHERE user_id = " + two)).isZero();
        assertThat(count(2, "SELECT COUNT(*) FROM moving WHERE user_id = " + one)).isZero();
    }

    @Test
    void namesWhoDefinesSomethingWhenItTakesTooLong() throws Exception {
        try (var slow = ChildProxy.startMissedSoon(first, Map.of("stop.at", "recorded"))) {
            Future<Integer> client =
                    threads.submit(() -> codeOf(slow.port(), "CREATE TABLE slow (id INT)"));
            slow.awaitStopped();
            assertThat(messageOf(second, "CREATE TABLE other (id INT)"))
                    .contains("SW-3041", "CREATE TABLE slow");
            slow.goOn();
            assertThat(client.get(60, TimeUnit.SECONDS)).isZero();
            slow.kill();
            forget(slow.number());
        }
        execute(second, "CREATE TABLE other (id INT)");
    }

    @Test
    void refusesADefinitionWhoseRightWentWhileItWaited() throws Exception {
        String account = "'waiting'@'%'";
        assertThat(codeOfAdmin(first, "SHARDWAY CREATE ACCOUNT " + account + " IDENTIFIED BY 'w'"))
                .isZero();
        String right = "WRITE ON " + first.keyspace() + ".*";
        assertThat(codeOfAdmin(first, "SHARDWAY GRANT " + right + " TO " + account)).isZero();
        try (var slow =
                ChildProxy.startMissedSoon(
                        first, Map.of("stop.at", "locked", "definition.lock-timeout", "1s"))) {
            Future<Integer> waiting =
                    threads.submit(
                            () -> codeOfWaiting(slow.port(), "CREATE TABLE refused (id INT)"));
            slow.awaitStopped();
            assertThat(codeOfAdmin(first, "SHARDWAY REVOKE " + right + " FROM " + account))
                    .isZero();
            NodeSide.until(
                    "its proxy knows",
                    () -> codeOfWaiting(slow.port(), "CREATE TABLE no (id INT)") == 1142);
            slow.goOn();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(1142);
            slow.kill();
            forget(slow.number());
        }
        assertThat(DefinitionsIT.tables(first.onShard(1), "refused")).isEmpty();
    }

    private static int codeOfWaiting(int port, String sql) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(port, first.keyspace());
        try (Connection connection = DriverManager.getConnection(url, "waiting", "w");
                Statement statement = connection.createStatement()) {
            return codeOf(statement, sql);
        }
    }

    @Test
    void makesAndDropsAKeyspaceFromBothAsOneWould() throws Exception {
        String name = first.keyspace() + "_raced";
        for (int i = 0; i < 4; i++) {
            Future<Integer> one = threads.submit(() -> codeOfAdmin(first, create(name)));
            Future<Integer> two = threads.submit(() -> codeOfAdmin(second, create(name)));
            assertThat(List.of(one.get(60, TimeUnit.SECONDS), two.get(60, TimeUnit.SECONDS)))
                    .as("one makes it")
                    .containsOnlyOnce(0);
            Future<Integer> table =
                    threads.submit(() ->
                            codeOfAdmin(
                                    first,
                                    "CREATE TABLE " + name + ".t (user_id BIGINT PRIMARY KEY)"));
            Future<Integer> drop =
                    threads.submit(() -> codeOfAdmin(second, "DROP DATABASE " + name));
            table.get(60, TimeUnit.SECONDS);
            if (drop.get(60, TimeUnit.SECONDS) != 0) {
                assertThat(codeOfAdmin(second, "DROP DATABASE " + name)).isZero();
            }
            for (int shard = 1; shard <= 2; shard++) {
                String there =
                        "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '"
                                + name
                                + "'";
                assertThat(count(shard, there)).isZero();
            }
        }
    }

    /** Killed, it counts as alive until its session with ZooKeeper has expired. */
    private static void forget(int number) {
        NodeSide.until(
                "the killed proxy is forgotten",
                () -> codeOfAdmin(second, "SHARDWAY FORGET PROXY " + number) == 0);
    }

    private static String create(String name) {
        return "SHARDWAY CREATE KEYSPACE " + name + " SHARD KEY user_id";
    }

    private static int codeOfAdmin(TestProxy proxy, String sql) throws SQLException {
        try (Connection connection = proxy.connectAsAdmin();
                Statement statement = connection.createStatement()) {
            return codeOf(statement, sql);
        }
    }

    @Test
    void aDroppedKeyspaceLeavesNoHalfDoneDefinitionToTheNextOfItsName() throws Exception {
        String name = first.keyspace() + "_again";
        assertThat(codeOfAdmin(first, create(name))).isZero();
        try (var dying = ChildProxy.startMissedSoon(first, Map.of("stop.at", "s1:done"))) {
            Future<Integer> client =
                    threads.submit(() ->
                            codeOf(
                                    dying.port(),
                                    "CREATE TABLE "
                                            + name
                                            + ".half (user_id BIGINT NOT NULL PRIMARY KEY)"));
            dying.awaitStopped();
            assertThat(messageOf(second, "DROP DATABASE " + name))
                    .contains("SW-3041", "CREATE TABLE");
            dying.kill();
            client.get(60, TimeUnit.SECONDS); // Whatever the driver makes of it.
            forget(dying.number());
        }
        NodeSide.until("its lock is gone", () -> codeOfAdmin(second, "DROP DATABASE " + name) == 0);
        assertThat(codeOfAdmin(first, create(name))).isZero();
        String table = "CREATE TABLE " + name + ".half (user_id BIGINT NOT NULL PRIMARY KEY)";
        assertThat(codeOfAdmin(second, table)).isZero();
        assertThat(codeOfAdmin(first, "DROP DATABASE " + name)).isZero();
    }

    /** As when several instances of an application start, and one of them migrates the schema. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsForANamedLockHoldsUpNoDefinition(boolean prepared) throws Exception {
        String lock = "GET_LOCK('" + first.keyspace() + prepared + "', 60)";
        try (Connection holder = first.connect();
                Statement hold = holder.createStatement();
                Connection other = first.connect("useServerPrepStmts=" + prepared);
                PreparedStatement wait = other.prepareStatement("SELECT " + lock)) {
            hold.executeQuery("SELECT " + lock).close();
            Future<Boolean> waiting = threads.submit(() -> wait.execute());
            NodeSide.until("one waits", () -> waits("User lock"));
            hold.execute("CREATE TABLE locked" + prepared + " (user_id BIGINT PRIMARY KEY)");
            assertThat(waiting.isDone()).isFalse();
            hold.executeQuery(lock.replace("GET_LOCK", "SELECT RELEASE_LOCK").replace(", 60", ""))
                    .close();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** What was routed before a definition runs to its end before, wherever it stands in a text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "DO 1; ",
                "SHARDWAY SHOW PROXIES; ",
                "CREATE TABLE IF NOT EXISTS rest (n INT); "
            })
    void aStatementOnTablesHoldsUpDefinitionsWhateverWasSentBeforeIt(String before)
            throws Exception {
        execute(first, "CREATE TABLE IF NOT EXISTS slow_read (user_id BIGINT PRIMARY KEY)");
        long key = first.keyOn(1, 0);
        execute(first, "REPLACE INTO slow_read VALUES (" + key + ")");
        try (TestProxy hasty = first.another(Map.of("zookeeper.announce-timeout", "1s"));
                Connection reader =
                        DriverManager.getConnection(
                                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&allowMultiQueries=true"
                                        .formatted(first.proxy().port(), first.keyspace()),
                                "admin",
                                "admin");
                Statement read = reader.createStatement()) {
            Future<Integer> reading =
                    threads.submit(() ->
                            codeOf(
                                    read,
                                    before
                                            + "SELECT SLEEP(60) FROM slow_read WHERE user_id = "
                                            + key));
            NodeSide.until("it reads", () -> waits("User sleep"));
            String answer = messageOf(hasty, "CREATE TABLE later (user_id BIGINT PRIMARY KEY)");
            read.cancel();
            reading.get(60, TimeUnit.SECONDS);
            assertThat(answer).contains("SW-3005");
            assertThat(messageOf(hasty, "DROP TABLE later")).isEmpty();
        }
    }

    @Test
    void stopsAWaitingDefinitionWithKillQuery() throws Exception {
        execute(first, "CREATE TABLE waited (user_id BIGINT NOT NULL PRIMARY KEY)");
        long key = first.keyOn(1, 0);
        try (Connection holder = first.connect();
                Connection definer = first.connect();
                Statement hold = holder.createStatement();
                Statement define = definer.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("INSERT INTO waited (user_id) VALUES (" + key + ")");
            long id;
            try (ResultSet row = define.executeQuery("SELECT CONNECTION_ID()")) {
                row.next();
                id = row.getLong(1);
            }
            Future<Integer> waiting =
                    threads.submit(() -> codeOf(define, "ALTER TABLE waited ADD COLUMN x INT"));
            try {
                NodeSide.until(
                        "it waits on the node", () -> waits("Waiting for table metadata lock"));
                execute(second, "KILL QUERY " + id);
                assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(1317);
            } finally {
                holder.rollback();
            }
            define.execute("ALTER TABLE waited ADD COLUMN x INT");
        }
    }

    private static boolean waits(String state) throws SQLException {
        try (Connection root = first.cluster().primary(1).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM information_schema.processlist WHERE state = '"
                                        + state
                                        + "'")) {
            rows.next();
            return rows.getInt(1) > 0;
        }
    }

    private static int write(TestProxy proxy, long key, AtomicBoolean over) throws SQLException {
        int written = 0;
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                written +=
                        statement.executeUpdate(
                                "INSERT INTO busy (user_id, n) VALUES (%d, %d)"
                                        .formatted(key, written));
            }
        }
        return written;
    }

    /** One value is a key of shard 1, the other of shard 2: what is the key, the table says. */
    private static int writeBare(TestProxy proxy, long one, long two, AtomicBoolean over)
            throws SQLException {
        int written = 0;
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                try {
                    written +=
                            statement.executeUpdate(
                                    "INSERT INTO moving VALUES (%d, %d)".formatted(one, two));
                } catch (SQLException refused) {
                    assertThat(refused.getMessage()).contains("SW-2041");
                }
            }
        }
        return written;
    }

    private static void execute(TestProxy proxy, String sql) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int codeOf(TestProxy proxy, String sql) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            return codeOf(statement, sql);
        }
    }

    private static int codeOf(int port, String sql) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(port, first.keyspace());
        try (Connection connection = DriverManager.getConnection(url, "app", "app");
                Statement statement = connection.createStatement()) {
            return codeOf(statement, sql);
        }
    }

    private static int codeOf(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return 0;
        } catch (SQLException refused) {
            return refused.getErrorCode();
        }
    }

    private static String messageOf(TestProxy proxy, String sql) {
        try {
            execute(proxy, sql);
            return "";
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private static long rows(int shard) throws SQLException {
        return count(shard, "SELECT COUNT(*) FROM busy");
    }

    private static long count(int shard, String sql) throws SQLException {
        try (Connection connection = first.onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
