package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.execution.HeldPlanner;
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
 * Statements whose plan is long in the making, on a proxy of one event loop: only their own session
 * waits. What another session is answered meanwhile, it is answered by the same loop.
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
            SideBySide.describe(connection, "SELECT 5");
        }
    }

    @AfterAll
    static void stop() {
        threads.close();
        proxy.close();
    }

    private static HeldPlanner held() {
        return HeldPlanner.hold(proxy.proxy().plans());
    }

    /** Each column name is a shape of its own. */
    private static String unseen(String column, String user) {
        return "SELECT n AS " + column + " FROM users WHERE user_id = " + user;
    }

    @Test
    void othersOfTheLoopGoOnMeanwhile() throws Exception {
        String sql = unseen("a", Long.toString(key));
        try (Connection slow = proxy.connect();
                Connection slowToo = proxy.connect();
                Connection other = proxy.connect()) {
            long id = id(slow);
            long idToo = id(slowToo);
            CompletableFuture<String> answer;
            CompletableFuture<String> answerToo;
            try (var _ = held()) {
                answer = run(slow, sql);
                answerToo = run(slowToo, sql);
                awaitPlanning(other, id);
                awaitPlanning(other, idToo);
                assertThat(SideBySide.describe(other, "SELECT 5")).contains("|5, ");
                assertThat(answer).isNotDone();
            }
            assertThat(answer.join()).isEqualTo("a BIGINT, |1, ").isEqualTo(answerToo.join());
            assertThat(SideBySide.describe(slow, sql)).isEqualTo("a BIGINT, |1, ");
        }
    }

    @Test
    void othersOfTheLoopGoOnWhileAStatementIsPrepared() throws Exception {
        try (Connection slow = proxy.connect("useServerPrepStmts=true");
                Connection other = proxy.connect()) {
            long id = id(slow);
            CompletableFuture<String> answer;
            try (var _ = held()) {
                answer = CompletableFuture.supplyAsync(() -> prepared(slow), threads);
                awaitPlanning(other, id);
                assertThat(SideBySide.describe(other, "SELECT 5")).contains("|5, ");
            }
            assertThat(answer.join()).isEqualTo("1");
        }
    }

    private static String prepared(Connection connection) {
        try (PreparedStatement statement = connection.prepareStatement(unseen("b", "?"))) {
            statement.setLong(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "nothing";
            }
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void aNewEpochIsServedMeanwhileAndTheStatementPlannedForIt() throws Exception {
        try (TestProxy second = proxy.another(Map.of("frontend.event-loops", "1"));
                Connection slow = proxy.connect();
                Connection watcher = proxy.connect();
                Connection elsewhere = second.connect()) {
            long id = id(slow);
            CompletableFuture<String> answer;
            try (var _ = held()) {
                answer = run(slow, unseen("c", Long.toString(key)));
                awaitPlanning(watcher, id);
                // Answered once both proxies serve the epoch that has the table.
                assertThat(
                                SideBySide.describe(
                                        elsewhere,
                                        "CREATE TABLE late (user_id BIGINT NOT NULL PRIMARY KEY)"))
                        .isEqualTo("count 0");
                assertThat(answer).isNotDone();
            }
            assertThat(answer.join()).isEqualTo("c BIGINT, |1, ");
        }
    }

    @Test
    void killQueryReachesAStatementThatIsPlanned() throws Exception {
        try (Connection slow = proxy.connect();
                Connection other = proxy.connect()) {
            long id = id(slow);
            try (var _ = held()) {
                CompletableFuture<String> answer = run(slow, unseen("d", Long.toString(key)));
                awaitPlanning(other, id);
                assertThat(SideBySide.describe(other, "KILL QUERY " + id)).isEqualTo("count 0");
                assertThat(answer.join()).startsWith("error 1317");
                assertThat(SideBySide.describe(slow, "SELECT 5")).contains("|5, ");
            }
        }
    }

    @Test
    void aClientThatLeavesMeanwhileLeavesNothing() throws Exception {
        try (RawClient leaving = RawClient.connect(proxy);
                Connection admin = proxy.connectAsAdmin()) {
            leaving.update("BEGIN");
            leaving.update("UPDATE users SET n = 1 WHERE user_id = " + key);
            try (var _ = held()) {
                leaving.query(unseen("e", Long.toString(key)));
                awaitPlanning(admin, -1);
                leaving.die();
                new NodeSide(proxy).awaitClean();
            }
        }
    }

    @Test
    void aStatementOfSeveralIsPlannedInItsTurn() throws Exception {
        try (Connection slow = proxy.connect("allowMultiQueries=true")) {
            assertThat(
                            SideBySide.describe(
                                    slow,
                                    "SELECT 1; "
                                            + unseen("f", Long.toString(key))
                                            + "; SELECT n + 2 FROM users WHERE user_id = "
                                            + key))
                    .contains("|1, ; f BIGINT, |1, ; ")
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
    private static void awaitPlanning(Connection watcher, long id) {
        NodeSide.until(
                "a session is planning",
                () -> {
                    String shown = SideBySide.describe(watcher, "SHOW PROCESSLIST");
                    for (String row : shown.split("(?=\\|)")) {
                        boolean its = id < 0 || row.startsWith("|" + id + ", ");
                        if (its && row.contains(", planning, ")) {
                            return true;
                        }
                    }
                    return false;
                });
    }
}
