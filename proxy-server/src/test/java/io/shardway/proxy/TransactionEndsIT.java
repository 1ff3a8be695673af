package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of transactions that are easily told wrongly, or left to the next session. */
@Timeout(120)
class TransactionEndsIT {

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long one;
    private static long two;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        nodes = new NodeSide(proxy);
        one = proxy.keyOn(1, 0);
        two = proxy.keyOn(2, 0);
        try (Connection client = proxy.connect()) {
            run(
                    client,
                    "CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT,"
                            + " PRIMARY KEY (user_id, seq))",
                    "INSERT INTO items VALUES ($1, 0, 0), ($1, 1, 0), ($1, 2, 0)",
                    "INSERT INTO items VALUES ($2, 0, 0), ($2, 1, 0), ($2, 2, 0)");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void reset() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                run(node, "UPDATE items SET n = 0");
            }
        }
    }

    @AfterEach
    void end() {
        threads.close();
        nodes.awaitClean();
    }

    private static void run(Connection connection, String... all) throws SQLException {
        for (String sql : all) {
            TestProxy.run(connection, sql.replace("$1", "" + one).replace("$2", "" + two));
        }
    }

    /** What does not end before the test says so. */
    private Future<?> begin(Connection connection, String sql) {
        return threads.submit(() -> {
            run(connection, sql);
            return "done";
        });
    }

    /** Nothing but what the test says goes to the shards. */
    private static Connection client() throws SQLException {
        return proxy.connect("readOnlyPropagatesToServer=false");
    }

    /** What a shard has in its first row, whatever the proxy says. */
    private static int stored(int shard) throws SQLException {
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT n FROM items WHERE seq = 0 AND user_id = "
                                        + (shard == 1 ? one : two))) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void aNodeThatChainsTransactionsKeepsNobodysWritesOpen() throws SQLException {
        nodes.killAll(1);
        try (Connection root = proxy.cluster().primary(1).connect()) {
            run(root, "SET GLOBAL completion_type = CHAIN");
            try (Connection client = client();
                    Connection other = client()) {
                run(client, "BEGIN", "UPDATE items SET n = 1 WHERE seq = 0 AND user_id = $1");
                run(client, "COMMIT");
                run(other, "UPDATE items SET n = 2 WHERE seq = 0 AND user_id = $1");
                assertThat(stored(1)).isEqualTo(2);
                run(client, "BEGIN", "UPDATE items SET n = 3 WHERE seq = 0 AND user_id = $1");
                run(client, "ROLLBACK");
                run(other, "UPDATE items SET n = 4 WHERE seq = 0 AND user_id = $1");
                assertThat(stored(1)).isEqualTo(4);
            } finally {
                run(root, "SET GLOBAL completion_type = DEFAULT");
                nodes.killAll(1);
            }
        }
    }

    @Test
    void sessionsDoNotChainByASetting() throws SQLException {
        try (Connection client = client()) {
            for (String value : List.of("CHAIN", "'RELEASE'", "1", "@@GLOBAL.completion_type")) {
                assertThatThrownBy(() -> run(client, "SET completion_type = " + value))
                        .hasMessageContaining("SW-2006")
                        .hasMessageContaining("COMMIT AND CHAIN");
            }
            run(client, "SET completion_type = NO_CHAIN", "SET completion_type = DEFAULT");
        }
    }

    @Test
    void autocommitWhoseCommitIsNotAnsweredIsUnknown() throws Exception {
        try (Connection client = client();
                Connection node = proxy.onShard(1)) {
            run(
                    client,
                    "SET autocommit = 0",
                    "UPDATE items SET n = 1 WHERE seq = 0 AND user_id = $1");
            run(node, "FLUSH TABLES WITH READ LOCK");
            Future<?> commit = begin(client, "SET autocommit = 1");
            nodes.kill(1, nodes.awaitRunning(1, "COMMIT%"));
            assertThatThrownBy(commit::get).hasMessageContaining("SW-4003");
            run(node, "UNLOCK TABLES");
            run(client, "UPDATE items SET n = 4 WHERE seq = 0 AND user_id = $1");
        }
        assertThat(stored(1)).isEqualTo(4);
    }

    @Test
    void autocommitCommitsWhatWasWritten() throws SQLException {
        try (Connection client = client()) {
            run(
                    client,
                    "SET autocommit = 0",
                    "UPDATE items SET n = 1 WHERE seq = 0 AND user_id = $1",
                    "SELECT n FROM items WHERE user_id = $2",
                    "SET autocommit = 1, @a = 5");
            assertThat(stored(1)).isEqualTo(1);
            run(client, "UPDATE items SET n = 2 WHERE seq = 0 AND user_id = $2");
            assertThat(stored(2)).isEqualTo(2);
        }
    }

    /** The first statement on a shard begins the transaction there, and ends it again. */
    @Test
    void aDeadlockOnTheShardThatIsOnlyReadRollsBackTheWrittenOne() throws Exception {
        try (Connection client = client();
                Connection node = proxy.onShard(2)) {
            run(
                    client,
                    "SET autocommit = 0",
                    "UPDATE items SET n = 1 WHERE seq = 0 AND user_id = $1");
            run(node, "BEGIN", "UPDATE items SET n = 9 WHERE user_id = $2 AND seq IN (1, 2)");
            Future<?> dies =
                    begin(client, "SELECT n FROM items WHERE user_id = $2 AND seq < 2 FOR UPDATE");
            NodeSide.until("it waits for the row", () -> nodes.isWaiting(2));
            run(node, "UPDATE items SET n = 9 WHERE user_id = $2 AND seq = 0");
            assertThatThrownBy(dies::get).hasMessageContaining("Deadlock found");
            run(node, "ROLLBACK");
            run(client, "COMMIT", "SET autocommit = 1");
            assertThat(stored(1)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT SUM(n) FROM items",
                "SELECT SUM(a.n) FROM items a JOIN items b ON a.seq = b.seq",
            })
    void aDeadlockOfAReadOverShardsRollsBackTheWrittenShard(String read) throws Exception {
        try (Connection client = client();
                Connection node = proxy.onShard(2)) {
            run(
                    client,
                    "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                    "SET autocommit = 0",
                    "UPDATE items SET n = 1 WHERE seq = 0 AND user_id = $1");
            run(node, "BEGIN", "UPDATE items SET n = 9 WHERE user_id = $2 AND seq IN (1, 2)");
            Future<?> dies = begin(client, read);
            NodeSide.until("it waits for the row", () -> nodes.isWaiting(2));
            run(node, "UPDATE items SET n = 9 WHERE user_id = $2 AND seq = 0");
            assertThatThrownBy(dies::get).hasMessageContaining("Deadlock found");
            run(node, "ROLLBACK");
            run(client, "COMMIT", "SET autocommit = 1");
            assertThat(stored(1)).isZero();
        }
    }
}
