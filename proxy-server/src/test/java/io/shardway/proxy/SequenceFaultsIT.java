package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.proxy.sequence.Sequence;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.plan.DrawnKey;
import io.shardway.router.plan.KeySource;
import io.shardway.router.plan.KeyWriting;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.Topology;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of keys where drawing them is cut short. */
class SequenceFaultsIT {

    private static final int DEADLINE_SECONDS = 30;

    private TestProxy proxy;

    @BeforeEach
    void start() {
        proxy =
                TestProxy.start(
                        Map.of("sequence.block-size", "10", "sequence.acquire-timeout", "30s"));
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void refusesToDrawPastTheRangeOfTheColumn() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE small (user_id TINYINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                            + " n INT)");
            // A stride of 64 leaves one key: 64. MySQL says 1467 at the end of the range, too.
            assertThat(statement.executeUpdate("INSERT INTO small (n) VALUES (1)")).isEqualTo(1);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(
                                () -> statement.executeUpdate("INSERT INTO small (n) VALUES (2)"))
                        .hasMessageContaining("SW-4032")
                        .satisfies(refused ->
                                assertThat(((SQLException) refused).getErrorCode())
                                        .isEqualTo(1467));
            }
            statement.execute("INSERT INTO small (user_id, n) VALUES (3, 3)");
        }
        assertThat(stored("small")).isEqualTo(2);
    }

    @Test
    void letsAStatementThatWaitsForItsKeyBeKilled() throws Exception {
        try (Connection first = proxy.connect();
                Statement statement = first.createStatement()) {
            createUsers(statement);
            statement.execute("INSERT INTO users (n) VALUES (1)");
        }
        // A proxy that holds no keys yet must wait for the first.
        try (TestProxy fresh = proxy.another(Map.of("sequence.acquire-timeout", "30s"));
                Connection connection = fresh.connect();
                Statement statement = connection.createStatement();
                Connection killer = fresh.connect();
                Connection node = proxy.cluster().primary(1).connect();
                Statement lock = node.createStatement()) {
            long id = connectionId(connection);
            node.setAutoCommit(false);
            lock.execute(
                    "SELECT * FROM shardway.sequences WHERE keyspace_name = '"
                            + proxy.keyspace()
                            + "' FOR UPDATE");
            var waiting = CompletableFuture.supplyAsync(() -> outcome(statement));
            NodeSide.until(
                    "the INSERT is killed",
                    () -> {
                        SideBySide.describe(killer, "KILL QUERY " + id);
                        return waiting.isDone();
                    });
            assertThat(waiting.get()).isEqualTo("error 1317");
            node.rollback();
            NodeSide.until("keys are drawn", () -> outcome(statement).equals("count 1"));
        }
        assertThat(stored("users")).isEqualTo(2);
    }

    @Test
    void drawsNoKeyTwiceWhenTheReplyToACommitIsLost() throws Exception {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            createUsers(statement);
        }
        var commits = new AtomicInteger();
        ConnectionSource losing =
                node -> losingReplies(proxy.cluster().primary(1).connect(), commits);
        Topology topology = proxy.topology();
        var writing = new KeyWriting(List.of(new KeyWriting.Piece(0, 0, "", true)), 0);
        var key =
                new DrawnKey(
                        proxy.keyspace(),
                        "users",
                        "user_id",
                        new KeyType.Integer(8, false),
                        new KeySource.LeftOut(writing));
        var metrics = new ProxyMetrics(new SimpleMeterRegistry());
        var drawn = new HashSet<Long>();
        try (var sequences = new Sequences(losing, () -> topology, 99, 3, metrics)) {
            for (int n = 0; n < 40; n++) {
                Sequence sequence = sequences.of(key.drawnColumn(), topology);
                OptionalLong now = sequence.tryDraw(_ -> true);
                long next =
                        now.isPresent()
                                ? now.getAsLong()
                                : sequence.draw(_ -> true).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertThat(drawn.add(next)).isTrue();
            }
        }
        assertThat(commits.get()).isGreaterThan(10);
    }

    private static long connectionId(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void createUsers(Statement statement) throws SQLException {
        statement.execute(
                "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT)");
    }

    private static String outcome(Statement statement) {
        try {
            return "count " + statement.executeUpdate("INSERT INTO users (n) VALUES (2)");
        } catch (SQLException refused) {
            return "error " + refused.getErrorCode();
        }
    }

    /** Every second COMMIT is carried out by MySQL, and its reply never arrives. */
    private static Connection losingReplies(Connection connection, AtomicInteger commits) {
        return (Connection)
                Proxy.newProxyInstance(
                        SequenceFaultsIT.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            try {
                                Object result = method.invoke(connection, arguments);
                                if (method.getName().equals("commit")
                                        && commits.incrementAndGet() % 2 == 0) {
                                    connection.close();
                                    throw new SQLException("the reply was lost", "08S01");
                                }
                                return result;
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getCause();
                            }
                        });
    }

    private long stored(String table) throws SQLException {
        long rows = 0;
        for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
                count.next();
                rows += count.getLong(1);
            }
        }
        return rows;
    }
}
