package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backend connections are killed in every state of the protocol. */
@Timeout(60)
class BackendLossIT {

    private static final int ROWS = 100;

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;
    private static long otherKey;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        nodes = new NodeSide(proxy);
        key = proxy.keyOn(1, 0);
        otherKey = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE items (user_id BIGINT NOT NULL, item_id INT NOT NULL, n INT NOT NULL,"
                            + " PRIMARY KEY (user_id, item_id))");
            for (long user : new long[] {key, otherKey}) {
                var values = new StringBuilder();
                for (int i = 0; i < ROWS; i++) {
                    values.append(i == 0 ? "" : ",").append("(%d,%d,0)".formatted(user, i));
                }
                statement.execute("INSERT INTO items (user_id, item_id, n) VALUES " + values);
            }
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() {
        threads.close();
        nodes.awaitClean();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void readsAgainWhenTheIdleConnectionWasKilled(String parameters) throws SQLException {
        try (Connection connection = proxy.connect(parameters)) {
            for (int i = 0; i < 5; i++) {
                assertThat(count(connection, key)).isEqualTo(ROWS);
                assertThat(nodes.killAll(1)).isPositive();
                assertThat(count(connection, key)).isEqualTo(ROWS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void writesOnAnotherConnectionWhenTheIdleOneIsKnownToBeClosed(String parameters)
            throws SQLException {
        try (Connection connection = proxy.connect(parameters)) {
            add(connection, key, 1);
            int before = sum(1, key);
            nodes.killAll(1);
            NodeSide.until("the pool knows", () -> nodes.pool(1).open() == 0);
            add(connection, key, 1);
            assertThat(sum(1, key)).isEqualTo(before + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void repeatsAnAutocommitReadThatWaitsForItsAnswer(String parameters) throws Exception {
        try (Connection connection = proxy.connect(parameters);
                Connection root = proxy.onShard(1);
                Statement lock = root.createStatement()) {
            lock.execute("LOCK TABLES items WRITE");
            Future<Integer> read = threads.submit(() -> count(connection, key));
            long first = nodes.awaitRunning(1, "SELECT COUNT%");
            nodes.kill(1, first);
            NodeSide.until(
                    "it is sent again",
                    () ->
                            nodes.threadsRunning(1, "SELECT COUNT%").stream()
                                    .anyMatch(thread -> thread != first));
            assertThat(read.isDone()).isFalse();
            lock.execute("UNLOCK TABLES");
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(ROWS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void neverRepeatsAWriteThatWaitsForItsAnswer(String parameters) throws Exception {
        int before = sum(1, key);
        try (Connection connection = proxy.connect(parameters);
                Connection root = proxy.onShard(1);
                Statement lock = root.createStatement()) {
            root.setAutoCommit(false);
            lock.executeQuery("SELECT * FROM items WHERE user_id = " + key + " FOR UPDATE").close();
            Future<?> write = threads.submit(() -> add(connection, key, 1));
            nodes.kill(1, nodes.awaitRunning(1, "UPDATE items%"));
            assertThatThrownBy(() -> write.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-4003");
            root.rollback();
            assertThat(count(connection, key)).isEqualTo(ROWS);
            assertThat(sum(1, key)).isEqualTo(before);
            add(connection, key, 1);
        }
        assertThat(sum(1, key)).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void closesTheClientsConnectionInTheMiddleOfAResult(String parameters) throws Exception {
        try (Connection connection = proxy.connect(parameters);
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT item_id, REPEAT('x', 1000000) FROM items WHERE user_id = ?",
                                ResultSet.TYPE_FORWARD_ONLY,
                                ResultSet.CONCUR_READ_ONLY)) {
            select.setFetchSize(Integer.MIN_VALUE);
            select.setLong(1, key);
            int seen = 0;
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(nodes.killAll(1)).isPositive();
                seen++;
                while (rows.next()) {
                    assertThat(rows.getString(2)).hasSize(1_000_000).matches("x+");
                    seen++;
                }
                throw new AssertionError("a cut result was taken for a whole one: " + seen);
            } catch (SQLException cut) {
                assertThat(seen).isLessThan(ROWS);
            }
            assertThat(connection.isValid(5)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void refusesEverythingUntilRollbackWhenAnIdleTransactionIsLost(String parameters)
            throws SQLException {
        int before = sum(1, key);
        try (Connection connection = proxy.connect(parameters)) {
            connection.setAutoCommit(false);
            add(connection, key, 1);
            nodes.killAll(1);
            assertThatThrownBy(() -> add(connection, key, 1)).hasMessageContaining("SW-4002");
            failedUntilRollback(connection);
            add(connection, key, 1);
            connection.commit();
        }
        assertThat(sum(1, key)).isEqualTo(before + 1);
    }

    @Test
    void refusesEverythingUntilRollbackWhenABusyTransactionIsLost() throws Exception {
        int before = sum(1, key);
        try (Connection connection = proxy.connect();
                Connection root = proxy.onShard(1);
                Statement begin = connection.createStatement();
                Statement lock = root.createStatement()) {
            root.setAutoCommit(false);
            lock.executeQuery(
                            "SELECT * FROM items WHERE user_id = "
                                    + key
                                    + " AND item_id = 1 FOR UPDATE")
                    .close();
            begin.execute("BEGIN");
            begin.execute("UPDATE items SET n = n + 1 WHERE item_id = 2 AND user_id = " + key);
            Future<?> write = threads.submit(() -> add(connection, key, 1));
            nodes.kill(1, nodes.awaitRunning(1, "UPDATE items%"));
            assertThatThrownBy(() -> write.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-4002");
            root.rollback();
            assertThatThrownBy(() -> begin.execute("BEGIN")).hasMessageContaining("SW-4007");
            assertThatThrownBy(() -> begin.execute("SAVEPOINT a")).hasMessageContaining("SW-4007");
            assertThatThrownBy(() -> begin.execute("COMMIT")).hasMessageContaining("SW-4007");
            assertThatThrownBy(() -> count(connection, otherKey)).hasMessageContaining("SW-4007");
            begin.execute("ROLLBACK");
            assertThat(count(connection, otherKey)).isEqualTo(ROWS);
        }
        assertThat(sum(1, key)).isEqualTo(before);
    }

    @Test
    void tellsOfARolledBackWriteWhereAutocommitIsOff() throws Exception {
        int before = sum(1, key);
        try (Connection connection = proxy.connect();
                Connection root = proxy.onShard(1);
                Statement lock = root.createStatement()) {
            root.setAutoCommit(false);
            lock.executeQuery("SELECT * FROM items WHERE user_id = " + key + " FOR UPDATE").close();
            connection.setAutoCommit(false);
            Future<?> write = threads.submit(() -> add(connection, key, 1));
            nodes.kill(1, nodes.awaitRunning(1, "UPDATE items%"));
            assertThatThrownBy(() -> write.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-4002");
            root.rollback();
            failedUntilRollback(connection);
        }
        assertThat(sum(1, key)).isEqualTo(before);
    }

    @Test
    void doesNotKnowTheOutcomeOfACommitThatWasCut() throws Exception {
        int before = sum(1, key);
        try (Connection connection = proxy.connect();
                Connection root = proxy.onShard(1);
                Statement lock = root.createStatement()) {
            connection.setAutoCommit(false);
            add(connection, key, 1);
            lock.execute("FLUSH TABLES WITH READ LOCK");
            Future<?> commit =
                    threads.submit(() -> {
                        connection.commit();
                        return 0;
                    });
            nodes.kill(1, nodes.awaitRunning(1, "COMMIT%"));
            assertThatThrownBy(() -> commit.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-4003");
            lock.execute("UNLOCK TABLES");
            assertThat(count(connection, key)).isEqualTo(ROWS);
            connection.rollback();
        }
        assertThat(sum(1, key)).isBetween(before, before + 1);
    }

    @Test
    void commitsNothingWhenAShardThatWasOnlyReadIsLost() throws SQLException {
        int before = sum(1, key);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement
                    .executeQuery("SELECT * FROM items WHERE user_id = " + otherKey + " FOR UPDATE")
                    .close();
            add(connection, key, 1);
            nodes.killAll(2);
            NodeSide.until("the proxy has heard", () -> nodes.pool(2).open() == 0);
            assertThatThrownBy(connection::commit).hasMessageContaining("SW-4002");
            connection.rollback();
        }
        assertThat(sum(1, key)).isEqualTo(before);
    }

    @Test
    void tellsOfALostCursorAndGoesOn() throws SQLException {
        try (Connection connection = proxy.connect("useCursorFetch=true&useServerPrepStmts=true");
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT item_id FROM items WHERE user_id = ?")) {
            select.setFetchSize(10);
            select.setLong(1, key);
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(nodes.killAll(1)).isPositive();
                assertThatThrownBy(
                                () -> {
                                    while (rows.next()) {
                                        rows.getInt(1);
                                    }
                                })
                        .hasMessageContaining("SW-4002");
            }
            try (ResultSet rows = select.executeQuery()) {
                int seen = 0;
                while (rows.next()) {
                    seen++;
                }
                assertThat(seen).isEqualTo(ROWS);
            }
        }
    }

    @Test
    void tellsOfALostPinAndGoesOn() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT GET_LOCK('faults', 1)");
            assertThat(nodes.killAll(1)).isPositive();
            assertThatThrownBy(() -> statement.execute("SELECT IS_USED_LOCK('faults')"))
                    .hasMessageContaining("SW-4002");
            assertThat(count(connection, key)).isEqualTo(ROWS);
        }
    }

    private static void failedUntilRollback(Connection connection) throws SQLException {
        assertThatThrownBy(() -> count(connection, key)).hasMessageContaining("SW-4007");
        assertThatThrownBy(() -> count(connection, otherKey)).hasMessageContaining("SW-4007");
        assertThatThrownBy(connection::commit).hasMessageContaining("SW-4007");
        assertThatThrownBy(() -> add(connection, key, 1)).hasMessageContaining("SW-4007");
        connection.rollback();
        assertThat(count(connection, key)).isEqualTo(ROWS);
        connection.rollback();
    }

    private static int count(Connection connection, long user) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT COUNT(*) FROM items WHERE user_id = ?")) {
            select.setLong(1, user);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    private static int add(Connection connection, long user, int item) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE items SET n = n + 1 WHERE user_id = ? AND item_id = ?")) {
            update.setLong(1, user);
            update.setInt(2, item);
            return update.executeUpdate();
        }
    }

    private static int sum(int shard, long user) throws SQLException {
        try (Connection root = proxy.onShard(shard);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT SUM(n) FROM items WHERE user_id = " + user)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
