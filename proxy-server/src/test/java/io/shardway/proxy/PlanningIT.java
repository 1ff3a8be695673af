package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Statements that take seconds to plan, on a proxy of one event loop: only their own session waits.
 */
@Timeout(120)
class PlanningIT {

    private static TestProxy proxy;
    private static long key;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        threads = Executors.newVirtualThreadPerTaskExecutor();
        key = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
            SideBySide.describe(connection, "INSERT INTO users VALUES (" + key + ", 1)");
        }
    }

    @AfterAll
    static void stop() {
        threads.close();
        proxy.close();
    }

    /** Each number of terms is a shape of its own. */
    private static String slow(String user, int more) {
        return "SELECT n FROM users WHERE user_id = "
                + user
                + " AND n IN (1"
                + ", 2".repeat(200_000 + more)
                + ")";
    }

    @Test
    void othersOfTheLoopGoOnMeanwhile() throws Exception {
        try (Connection slow = proxy.connect();
                Connection other = proxy.connect()) {
            long id = id(slow);
            CompletableFuture<String> answer = run(slow, slow(Long.toString(key), 1));
            // Answered by the same loop while it waits for the plan.
            awaitPlanning(other, id, answer);
            assertThat(SideBySide.describe(other, "SELECT 5")).contains("|5, ");
            assertThat(answer.join()).isEqualTo("n BIGINT, |1, ");
            assertThat(SideBySide.describe(slow, slow(Long.toString(key), 1)))
                    .isEqualTo("n BIGINT, |1, ");
        }
    }

    @Test
    void othersOfTheLoopGoOnWhileAStatementIsPrepared() throws Exception {
        try (Connection slow = proxy.connect("useServerPrepStmts=true");
                Connection other = proxy.connect()) {
            long id = id(slow);
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> prepared(slow, slow("?", 2)), threads);
            awaitPlanning(other, id, answer);
            assertThat(answer.join()).isEqualTo("1");
        }
    }

    private static String prepared(Connection connection, String sql) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "nothing";
            }
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void killQueryReachesAStatementThatIsPlanned() throws Exception {
        try (Connection slow = proxy.connect();
                Connection other = proxy.connect()) {
            long id = id(slow);
            CompletableFuture<String> answer = run(slow, slow(Long.toString(key), 3));
            awaitPlanning(other, id, answer);
            assertThat(SideBySide.describe(other, "KILL QUERY " + id)).isEqualTo("count 0");
            assertThat(answer.join()).startsWith("error 1317");
            assertThat(SideBySide.describe(slow, "SELECT 5")).contains("|5, ");
        }
    }

    @Test
    void aClientThatLeavesMeanwhileLeavesNothing() throws Exception {
        try (RawClient leaving = RawClient.connect(proxy);
                Connection other = proxy.connectAsAdmin()) {
            leaving.update("BEGIN");
            leaving.update("UPDATE users SET n = 1 WHERE user_id = " + key);
            leaving.query(slow(Long.toString(key), 4));
            awaitPlanning(other, -1, new CompletableFuture<>());
            leaving.die();
        }
        new NodeSide(proxy).awaitClean();
    }

    @Test
    void aStatementOfSeveralIsPlannedInItsTurn() throws Exception {
        try (Connection slow = proxy.connect("allowMultiQueries=true")) {
            assertThat(
                            SideBySide.describe(
                                    slow,
                                    "SELECT 1; "
                                            + slow(Long.toString(key), -199_000)
                                            + "; SELECT n + 2 FROM users WHERE user_id = "
                                            + key))
                    .contains("|1, ; n BIGINT, |1, ; ")
                    .endsWith("|3, ");
        }
    }

    private static long id(Connection connection) throws SQLException {
        String answer = SideBySide.describe(connection, "SELECT CONNECTION_ID()");
        return Long.parseLong(answer.substring(answer.indexOf('|') + 1).replace(", ", ""));
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

    /** Until the process list shows the session, or any for -1, in the state of planning. */
    private static void awaitPlanning(Connection watcher, long id, CompletableFuture<String> answer)
            throws SQLException {
        long end = System.nanoTime() + NodeSide.BOUND.toNanos();
        while (System.nanoTime() < end && !answer.isDone()) {
            for (String row : SideBySide.describe(watcher, "SHOW PROCESSLIST").split("(?=\\|)")) {
                if (row.contains(", planning, ") && (id < 0 || row.startsWith("|" + id + ", "))) {
                    return;
                }
            }
        }
        throw new AssertionError("nobody was seen planning " + answer.getNow(""));
    }
}
