package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * KILLs that meet an obstacle: too many at once, a node that takes none, a proxy that is silent, a
 * statement that is not sent yet.
 */
@Timeout(120)
class KillPathsIT {

    private static final int SESSIONS = 12;
    private static final String READ = "SELECT n FROM users WHERE user_id = ?";

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static ExecutorService threads;
    private static long key;
    private static long otherKey;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "frontend.event-loops",
                                "1",
                                "backend.operators-connections-max",
                                "1",
                                "backend.kill-timeout",
                                "2s"));
        nodes = new NodeSide(proxy);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        key = proxy.keyOn(1, 0);
        otherKey = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n BIGINT)");
            SideBySide.describe(connection, "INSERT INTO users VALUES (" + key + ", 1)");
            SideBySide.describe(connection, "INSERT INTO users VALUES (" + otherKey + ", 1)");
        }
    }

    @AfterAll
    static void stop() {
        threads.close();
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        nodes.unlock(1);
        nodes.awaitClean();
    }

    @Test
    void manyKillsShareTheOperatorsConnections() throws Exception {
        var victims = new ArrayList<Connection>();
        var ids = new ArrayList<Long>();
        try (Connection killer = proxy.connect()) {
            var running = new ArrayList<Future<String>>();
            for (int i = 0; i < SESSIONS; i++) {
                Connection victim = proxy.connect();
                victims.add(victim);
                ids.add(connectionId(victim));
                running.add(run(victim, sleep()));
            }
            NodeSide.until(
                    "all sleep", () -> nodes.threadsRunning(1, "SELECT SLEEP%").size() == SESSIONS);
            for (long id : ids) {
                assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            }
            for (Future<String> statement : running) {
                assertThat(statement.get()).contains("|1, 1, ");
            }
            for (Connection victim : victims) {
                assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
            }
        } finally {
            for (Connection victim : victims) {
                victim.close();
            }
        }
    }

    @Test
    void aStatementIsCutOffWhenItsNodeTakesNoKill() throws Exception {
        try (Connection victim = proxy.connect();
                Connection killer = proxy.connect()) {
            long id = connectionId(victim);
            Future<String> running = run(victim, sleep());
            nodes.awaitRunning(1, "SELECT SLEEP%");
            nodes.lock(1);
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
            NodeSide.until("the statement ends", running::isDone);
            nodes.unlock(1);
            assertThat(running.get()).startsWith("error").contains("SW-");
            NodeSide.until(
                    "the session lives on",
                    () -> SideBySide.describe(victim, "SELECT 5").contains("|5, "));
        }
        nodes.killAll(1);
    }

    @Test
    void aKillForAProxyThatDoesNotAnswerIsNotCalledDone() throws Exception {
        try (ChildProxy child =
                        ChildProxy.start(
                                proxy.settingsOf(Map.of()), proxy.cluster().rootPassword());
                Connection victim =
                        DriverManager.getConnection(
                                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                                        .formatted(child.port(), proxy.keyspace()),
                                "app",
                                "app");
                Connection killer = proxy.connect()) {
            long id = connectionId(victim);
            child.suspend();
            assertThat(SideBySide.describe(killer, "KILL QUERY " + id))
                    .startsWith("error")
                    .contains("SW-3001")
                    .contains("did not answer");
            child.resume();
            assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
            assertThat(SideBySide.describe(killer, "KILL " + id)).isEqualTo("count 0");
            assertThat(SideBySide.describe(victim, "SELECT 5")).startsWith("error");
        }
    }

    @Test
    void aStatementThatIsOnlyBeingPreparedOnItsNodeIsInterrupted() throws Exception {
        try (Connection victim = proxy.connect("useServerPrepStmts=true");
                Connection killer = proxy.connect();
                PreparedStatement statement = victim.prepareStatement(READ)) {
            long id = connectionId(victim);
            try (TableLock lock = lockDefinition()) {
                Future<String> running = executeWhilePreparing(statement, lock);
                assertThat(SideBySide.describe(killer, "KILL QUERY " + id)).isEqualTo("count 0");
                assertThat(running.get()).contains("interrupted");
                assertThat(SideBySide.describe(victim, "SELECT 5")).contains("|5, ");
            }
            assertThat(read(statement)).isEqualTo("1");
        }
    }

    @Test
    void aSessionWhoseStatementIsOnlyBeingPreparedOnItsNodeIsClosed() throws Exception {
        try (Connection victim = proxy.connect("useServerPrepStmts=true");
                Connection killer = proxy.connect();
                PreparedStatement statement = victim.prepareStatement(READ);
                TableLock lock = lockDefinition()) {
            long id = connectionId(victim);
            Future<String> running = executeWhilePreparing(statement, lock);
            assertThat(SideBySide.describe(killer, "KILL " + id)).isEqualTo("count 0");
            assertThat(running.get()).startsWith("error");
            assertThat(SideBySide.describe(victim, "SELECT 5")).startsWith("error");
        }
    }

    /** Nobody can prepare a statement on users on shard 2 until it is closed. */
    private record TableLock(Connection reader, Connection changer, Future<Boolean> change)
            implements AutoCloseable {

        @Override
        public void close() throws SQLException {
            reader.rollback();
            NodeSide.until("the change is over", change::isDone);
            assertThat(change.state()).isEqualTo(Future.State.SUCCESS);
            reader.close();
            changer.close();
        }
    }

    /** A change of the table waits for a reader; who comes after it waits for the change. */
    private static TableLock lockDefinition() throws SQLException {
        // What is prepared on a connection already is not prepared again.
        nodes.killAll(2);
        nodes.awaitNoThreads(2);
        Connection reader = proxy.onShard(2);
        reader.setAutoCommit(false);
        try (Statement statement = reader.createStatement()) {
            statement.executeQuery("SELECT COUNT(*) FROM users").close();
        }
        Connection changer = proxy.onShard(2);
        Future<Boolean> change =
                threads.submit(() -> {
                    try (Statement statement = changer.createStatement()) {
                        return statement.execute("ALTER TABLE users COMMENT = 'changed'");
                    }
                });
        NodeSide.until("the change waits", () -> waitsForDefinition("ALTER TABLE users%"));
        return new TableLock(reader, changer, change);
    }

    private static Future<String> executeWhilePreparing(
            PreparedStatement statement, TableLock lock) {
        Future<String> running = threads.submit(() -> read(statement));
        NodeSide.until("it is being prepared", () -> waitsForDefinition("SELECT n FROM users%"));
        assertThat(lock.change().isDone()).isFalse();
        assertThat(new RunningStatus(proxy.proxy()).sessions())
                .anyMatch(session -> session.state().equals("preparing s2"));
        return running;
    }

    private static boolean waitsForDefinition(String like) throws SQLException {
        try (Connection root = proxy.onShard(2);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE"
                                        + " LIKE 'Waiting for table metadata lock' AND DB = '"
                                        + proxy.keyspace()
                                        + "' AND INFO LIKE '"
                                        + like
                                        + "'")) {
            rows.next();
            return rows.getInt(1) == 1;
        }
    }

    private static String read(PreparedStatement statement) throws SQLException {
        statement.setLong(1, otherKey);
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException refused) {
            return "error " + refused.getMessage();
        }
    }

    private static String sleep() {
        return "SELECT SLEEP(60), n FROM users WHERE user_id = " + key;
    }

    private static Future<String> run(Connection connection, String sql) {
        return threads.submit(() -> SideBySide.describe(connection, sql));
    }

    private static long connectionId(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT CONNECTION_ID()")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
