package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A proxy sleeps while it changes a keyspace, and wakes when another one has gone on with that. */
@Timeout(180)
class SleepingKeyspaceIT {

    /** Else each change sleeps at one of them. */
    private static final boolean EVERYTHING = Boolean.getBoolean("shardway.crash.everything");

    private static final List<String> MOMENTS = List.of("keyspace:turn:", "keyspace:locked:");

    private static TestProxy awake;
    private static int made;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        awake = TestProxy.start(Map.of("definition.lock-timeout", "60s"));
    }

    @AfterAll
    static void stop() {
        awake.close();
    }

    @AfterEach
    void end() {
        threads.close();
    }

    @ParameterizedTest
    @MethodSource("locked")
    void aDropThatWakesUpLeavesTheNextKeyspaceOfItsNameAlone(String moment) throws Exception {
        String name = newKeyspace();
        try (ChildProxy sleeper = sleeper(moment)) {
            Future<String> client = asleep(sleeper, "DROP DATABASE " + name);
            execute("DROP DATABASE " + name);
            makeWithRows(name);

            assertThat(woken(sleeper, client)).contains("SW-3043", "SHOW KEYSPACES");
            assertThat(count("SELECT COUNT(*) FROM " + name + ".t", 1)).isEqualTo(1);
            assertThat(count("SELECT COUNT(*) FROM " + name + ".t", 2)).isEqualTo(1);
            assertThat(awake.topology().keyspace(name).orElseThrow().isServed()).isTrue();
            execute("INSERT INTO %s.t VALUES (%d)".formatted(name, awake.keyOn(2, 1)));
        }
    }

    @ParameterizedTest
    @MethodSource("locked")
    void anAlterThatWakesUpDoesNotTouchTheNextKeyspaceOfItsName(String moment) throws Exception {
        String name = newKeyspace();
        try (ChildProxy sleeper = sleeper(moment)) {
            Future<String> client =
                    asleep(sleeper, "ALTER DATABASE " + name + " CHARACTER SET latin1");
            execute("DROP DATABASE " + name);
            makeWithRows(name);

            assertThat(woken(sleeper, client)).contains("SW-3043");
            String latin =
                    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '%s'"
                                    .formatted(name)
                            + " AND default_character_set_name = 'latin1'";
            assertThat(count(latin, 1)).isZero();
            assertThat(count(latin, 2)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("turn")
    void aCreateThatWakesUpLeavesNothingOnTheNodesOfADroppedKeyspace(String moment)
            throws Exception {
        String name = awake.keyspace() + "_s" + made++;
        try (ChildProxy sleeper = sleeper(moment)) {
            Future<String> client =
                    asleep(sleeper, "SHARDWAY CREATE KEYSPACE " + name + " SHARD KEY user_id");
            execute("DROP DATABASE " + name);

            assertThat(woken(sleeper, client)).contains("SW-3043");
            String there =
                    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '%s'"
                            .formatted(name);
            assertThat(count(there, 1)).isZero();
            assertThat(count(there, 2)).isZero();
            assertThat(awake.topology().keyspace(name)).isEmpty();
        }
    }

    /** With the lock of the node in its hands. */
    static List<String> locked() {
        return EVERYTHING ? MOMENTS : List.of("keyspace:locked:");
    }

    /** Before it has asked the node for the lock. */
    static List<String> turn() {
        return EVERYTHING ? MOMENTS : List.of("keyspace:turn:");
    }

    private static String newKeyspace() throws SQLException {
        String name = awake.keyspace() + "_s" + made++;
        makeWithRows(name);
        return name;
    }

    private static void makeWithRows(String name) throws SQLException {
        execute("SHARDWAY CREATE KEYSPACE " + name + " SHARD KEY user_id");
        execute("CREATE TABLE " + name + ".t (user_id BIGINT NOT NULL PRIMARY KEY)");
        for (int shard = 1; shard <= 2; shard++) {
            execute("INSERT INTO %s.t VALUES (%d)".formatted(name, awake.keyOn(shard, 0)));
        }
    }

    /** It will stop at the second shard: the first one is done then. */
    private static ChildProxy sleeper(String moment) throws Exception {
        String node = awake.cluster().primary(2).name();
        return ChildProxy.startMissedSoon(awake, Map.of("stop.at", moment + node));
    }

    /** Sends it the statement, and puts it to sleep in the middle. */
    private Future<String> asleep(ChildProxy sleeper, String sql) throws Exception {
        Future<String> client = threads.submit(() -> answer(sleeper.port(), sql));
        Future<?> stopped =
                threads.submit(() -> {
                    sleeper.awaitStopped();
                    return true;
                });
        NodeSide.until("it stops or fails", () -> stopped.isDone() || client.isDone());
        assertThat(client.isDone() ? client.get() : "").isEmpty();
        sleeper.suspend();
        return client;
    }

    private static String woken(ChildProxy sleeper, Future<String> client) throws Exception {
        sleeper.resume();
        sleeper.goOn();
        return client.get(60, TimeUnit.SECONDS);
    }

    private static String answer(int port, String sql) {
        String url = "jdbc:mysql://127.0.0.1:%d/?allowPublicKeyRetrieval=true".formatted(port);
        try (Connection connection = DriverManager.getConnection(url, "admin", "admin");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "ok";
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = awake.connectAsAdmin();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long count(String sql, int shard) throws SQLException {
        try (Connection connection = awake.onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
