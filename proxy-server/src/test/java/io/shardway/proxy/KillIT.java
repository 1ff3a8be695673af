package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KILL and what it reaches: statements, sessions, other proxies, and never a stranger. */
@Timeout(120)
@SuppressWarnings("try") // Results are opened to be cut off.
class KillIT {

    private static final String SLEEP = "SELECT SLEEP(60)";

    private static TestProxy proxy;
    private static TestProxy second;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of("backend.connections-max", "2", "frontend.event-loops", "1"));
        second = proxy.another(Map.of("frontend.event-loops", "1"));
        threads = Executors.newVirtualThreadPerTaskExecutor();
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
        }
    }

    @AfterAll
    static void stop() {
        threads.close();
        second.close();
        proxy.close();
    }

    @Test
    void killQueryInterruptsAndTheSessionLivesOn() throws Exception {
        try (Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = id(victim);
            CompletableFuture<String> sleeping =
                    run(victim, "SELECT SLEEP(60) FROM users WHERE user_id = 1 OR 1 = 0");
            awaitRunning(killer, id, sleeping);
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            assertThat(sleeping.join()).doesNotContain("08S01");
            CompletableFuture<String> again = run(victim, SLEEP);
            awaitRunning(killer, id, again);
            SideBySide.describe(killer, "KILL QUERY " + id);
            assertThat(again.join()).contains("|1, ");
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
        }
    }

    /** The next statement begins once KILL was answered, so a KILL that hits it came too late. */
    @Test
    void killQueryNeverHitsTheStatementAfter() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        long key = proxy.keyOn(1, 5);
        try (Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = id(victim);
            SideBySide.describe(victim, "INSERT INTO users VALUES (" + key + ", 7)");
            SideBySide.describe(victim, "BEGIN");
            SideBySide.describe(victim, "UPDATE users SET n = 8 WHERE user_id = " + key);
            for (int round = 0; round < 120; round++) {
                String sql =
                        "SELECT SLEEP(0.0%02d), n FROM users WHERE user_id = %d"
                                .formatted(random.nextInt(1, 12), key);
                CompletableFuture<String> running = run(victim, sql);
                String killed = SideBySide.describe(killer, "KILL QUERY " + id);
                assertThat(killed).isEqualTo("count 0");
                running.join();
                assertThat(
                                SideBySide.describe(
                                        victim,
                                        "SELECT SLEEP(0.02), n FROM users WHERE user_id = " + key))
                        .as("round %d, seed %d", round, seed)
                        .endsWith("|0, 8, ");
            }
            assertThat(SideBySide.describe(victim, "COMMIT")).isEqualTo("count 0");
        }
    }

    @Test
    void killQueryReachesASessionOfAnotherProxy() throws Exception {
        try (Connection victim = proxy.connect();
                Connection killer = second.connect();
                Connection watcher = proxy.connect()) {
            long id = id(victim);
            assertThat(id).isNotEqualTo(id(killer));
            CompletableFuture<String> sleeping = run(victim, SLEEP);
            awaitRunning(watcher, id, sleeping);
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            assertThat(sleeping.join()).contains("|1, ");
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
            assertThat(SideBySide.describe(killer, "KILL " + id)).isEqualTo("count 0");
            assertThat(SideBySide.describe(victim, "SELECT 5")).startsWith("error");
        }
    }

    @Test
    void killEndsASessionWithItsTransaction() throws Exception {
        long key = proxy.keyOn(1, 0);
        try (Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = id(victim);
            SideBySide.describe(victim, "BEGIN");
            SideBySide.describe(victim, "INSERT INTO users VALUES (" + key + ", 1)");
            assertThat(SideBySide.describe(killer, "KILL CONNECTION " + id)).isEqualTo("count 0");
            assertThat(SideBySide.describe(victim, "SELECT 1")).startsWith("error");
            assertThat(SideBySide.describe(killer, "INSERT INTO users VALUES (" + key + ", 2)"))
                    .isEqualTo("count 1");
            assertThat(SideBySide.describe(killer, "KILL " + id)).startsWith("error 1094");
        }
    }

    @Test
    void othersMayNotBeKilledExceptByAnAdmin() throws Exception {
        try (Connection victim = proxy.connect();
                Connection stranger = DriverManager.getConnection(proxy.url(), "reader", "reader");
                Connection admin = proxy.connectAsAdmin()) {
            long id = id(victim);
            assertThat(SideBySide.describe(stranger, "KILL " + id)).startsWith("error 1095");
            assertThat(SideBySide.describe(stranger, "KILL QUERY " + id)).startsWith("error 1095");
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
            assertThat(SideBySide.describe(stranger, "KILL 4000000000")).startsWith("error 1094");
            assertThat(SideBySide.describe(stranger, "SHOW PROCESSLIST"))
                    .doesNotContain("|" + id + ",");
            assertThat(SideBySide.describe(admin, "SHOW FULL PROCESSLIST"))
                    .contains("|" + id + ", app, ");
            assertThat(SideBySide.describe(admin, "KILL " + id)).isEqualTo("count 0");
            assertThat(SideBySide.describe(victim, "SELECT 5")).startsWith("error");
        }
    }

    @Test
    void driversCancelAndTimeOut() throws Exception {
        try (Connection victim = proxy.connect();
                Statement statement = victim.createStatement();
                Connection watcher = proxy.connect()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() ->
                            statement.executeQuery(
                                    "SELECT SLEEP(60), COUNT(*) FROM information_schema.columns a, information_schema.columns b"))
                    .isInstanceOf(SQLException.class);
            statement.setQueryTimeout(0);
            CompletableFuture<String> sleeping = run(victim, statement, SLEEP);
            awaitRunning(watcher, id(watcher), sleeping, "SLEEP");
            statement.cancel();
            sleeping.join();
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
        }
    }

    @Test
    void aWaiterForAConnectionCanBeKilled() throws Exception {
        try (Connection a = proxy.connect();
                Connection b = proxy.connect();
                Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = id(victim);
            long key = proxy.keyOn(2, 0);
            for (Connection holder : new Connection[] {a, b}) {
                SideBySide.describe(holder, "BEGIN");
                SideBySide.describe(holder, "SELECT * FROM users WHERE user_id = " + key);
            }
            CompletableFuture<String> waiting =
                    run(victim, "SELECT * FROM users WHERE user_id = " + key);
            awaitRunning(killer, id, waiting);
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            assertThat(waiting.join()).startsWith("error");
            SideBySide.describe(a, "COMMIT");
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
        }
    }

    private static CompletableFuture<String> run(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return SideBySide.describe(connection, sql);
                    } catch (SQLException failed) {
                        throw new IllegalStateException(failed);
                    }
                },
                threads);
    }

    private static CompletableFuture<String> run(
            Connection connection, Statement statement, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (ResultSet rows = statement.executeQuery(sql)) {
                        return "rows";
                    } catch (SQLException interrupted) {
                        return interrupted.getMessage();
                    }
                },
                threads);
    }

    private static void awaitRunning(Connection watcher, long id, CompletableFuture<String> running)
            throws SQLException {
        awaitRunning(watcher, -1, running, "|" + id + ", ");
    }

    /** Until the process list shows the text with a state, or the statement has ended by itself. */
    private static void awaitRunning(
            Connection watcher, long own, CompletableFuture<String> running, String mark)
            throws SQLException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!running.isDone() && System.nanoTime() < end) {
            for (String row :
                    SideBySide.describe(watcher, "SHOW FULL PROCESSLIST").split("(?=\\|)")) {
                boolean busy = row.contains("executing") || row.contains("waiting for");
                if (row.contains(mark) && busy && !row.startsWith("|" + own + ",")) {
                    return;
                }
            }
        }
    }

    private static long id(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT CONNECTION_ID()")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
