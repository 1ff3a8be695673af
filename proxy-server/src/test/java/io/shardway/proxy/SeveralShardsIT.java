package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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

/** Transactions that write on two shards under transaction_mode best_effort, and their ends. */
@Timeout(120)
class SeveralShardsIT {

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
            run(client, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void rows() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                run(node, "REPLACE INTO users VALUES (%d, 0)".formatted(shard == 1 ? one : two));
            }
        }
    }

    @AfterEach
    void end() throws SQLException {
        threads.close();
        try (Connection node = proxy.onShard(2)) {
            run(node, "SET GLOBAL binlog_group_commit_sync_delay = 0");
        }
        nodes.awaitClean();
    }

    private static Object run(Connection connection, String... all) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : all) {
                statement.execute(sql.replace("$1", "" + one).replace("$2", "" + two));
            }
            return "done";
        }
    }

    /** What the shards have, whatever the proxy says. */
    private static List<Integer> stored() throws SQLException {
        var found = new ArrayList<Integer>();
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet rows =
                            statement.executeQuery(
                                    "SELECT n FROM users WHERE user_id = "
                                            + (shard == 1 ? one : two))) {
                rows.next();
                found.add(rows.getInt(1));
            }
        }
        return found;
    }

    /** Nothing but what the test says goes to the shards, and so in its order. */
    private static Connection bestEffort() throws SQLException {
        Connection client = proxy.connect("readOnlyPropagatesToServer=false");
        run(client, "SHARDWAY SET transaction_mode = best_effort");
        return client;
    }

    private static void writeBoth(Connection client) throws SQLException {
        run(
                client,
                "BEGIN",
                "UPDATE users SET n = 1 WHERE user_id = $2",
                "UPDATE users SET n = 1 WHERE user_id = $1");
    }

    @Test
    void singleRefusesTheSecondShardAndKeepsTheTransactionOpen() throws SQLException {
        try (Connection client = proxy.connect()) {
            run(client, "BEGIN", "UPDATE users SET n = 1 WHERE user_id = $1");
            assertThatThrownBy(() -> run(client, "UPDATE users SET n = 1 WHERE user_id = $2"))
                    .hasMessageContaining("SW-4006")
                    .hasMessageContaining("transaction_mode");
            run(client, "COMMIT");
        }
        assertThat(stored()).containsExactly(1, 0);
    }

    @Test
    void bestEffortCommitsAndRollsBackOnBothShards() throws SQLException {
        try (Connection client = bestEffort()) {
            writeBoth(client);
            assertThat(stored()).containsExactly(0, 0);
            run(client, "ROLLBACK");
            assertThat(stored()).containsExactly(0, 0);
            writeBoth(client);
            run(client, "COMMIT");
            assertThat(stored()).containsExactly(1, 1);
            run(
                    client,
                    "SET autocommit = 0",
                    "UPDATE users SET n = 2 WHERE user_id = $1",
                    "UPDATE users SET n = 2 WHERE user_id = $2",
                    "COMMIT");
            assertThat(stored()).containsExactly(2, 2);
        }
    }

    @Test
    void theModeIsTheSessionsAndDoesNotChangeInATransaction() throws SQLException {
        try (Connection client = bestEffort()) {
            run(client, "BEGIN");
            assertThatThrownBy(() -> run(client, "SHARDWAY SET transaction_mode = single"))
                    .hasMessageContaining("while a transaction is in progress");
            run(client, "ROLLBACK", "SHARDWAY SET TRANSACTION_MODE = Single", "BEGIN");
            run(client, "UPDATE users SET n = 1 WHERE user_id = $1");
            assertThatThrownBy(() -> run(client, "UPDATE users SET n = 1 WHERE user_id = $2"))
                    .hasMessageContaining("SW-4006");
            run(client, "ROLLBACK");
            assertThatThrownBy(() -> run(client, "SHARDWAY SET transaction_mode = both"))
                    .hasMessageContaining("SW-2101")
                    .hasMessageContaining("single | best_effort");
        }
    }

    @Test
    void savepointsReachBothShardsAlsoOneThatJoinsLater() throws SQLException {
        try (Connection client = bestEffort()) {
            run(
                    client,
                    "BEGIN",
                    "UPDATE users SET n = 1 WHERE user_id = $1",
                    "SAVEPOINT a",
                    "UPDATE users SET n = 2 WHERE user_id = $1",
                    "UPDATE users SET n = 2 WHERE user_id = $2",
                    "SAVEPOINT b",
                    "UPDATE users SET n = 3 WHERE user_id = $2",
                    "ROLLBACK TO b",
                    "COMMIT");
            assertThat(stored()).containsExactly(2, 2);
            run(
                    client,
                    "BEGIN",
                    "UPDATE users SET n = 4 WHERE user_id = $1",
                    "SAVEPOINT a",
                    "UPDATE users SET n = 5 WHERE user_id = $1",
                    "UPDATE users SET n = 5 WHERE user_id = $2",
                    "ROLLBACK TO a",
                    "RELEASE SAVEPOINT a",
                    "COMMIT");
            assertThat(stored()).containsExactly(4, 2);
        }
    }

    @Test
    void aDeadlockRollsBackOnEveryShardAndTheNextStatementBeginsAnew() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(2)) {
            String others = "%d, %d, %d".formatted(more(1), more(2), more(3));
            run(
                    node,
                    "INSERT INTO users VALUES (%d, 0), (%d, 0), (%d, 0)"
                            .formatted(more(1), more(2), more(3)));
            run(client, "BEGIN", "UPDATE users SET n = 1 WHERE user_id = $1");
            // Much changed, so that InnoDB chooses the other one.
            run(node, "BEGIN", "UPDATE users SET n = 9 WHERE user_id IN (" + others + ")");
            run(client, "UPDATE users SET n = 1 WHERE user_id = $2");
            Future<?> waits =
                    threads.submit(() -> run(node, "UPDATE users SET n = 8 WHERE user_id = $2"));
            NodeSide.until("it waits for the row", () -> waiting(2));
            assertThatThrownBy(
                            () -> run(client, "UPDATE users SET n = 7 WHERE user_id = " + more(1)))
                    .hasMessageContaining("Deadlock found");
            assertThat(stored().getFirst()).isZero();
            waits.get();
            run(node, "ROLLBACK");
            run(client, "UPDATE users SET n = 5 WHERE user_id = $1");
            assertThat(stored()).containsExactly(5, 0);
            run(node, "DELETE FROM users WHERE user_id IN (" + others + ")");
        }
    }

    @Test
    void aDeadlockOfTheFirstStatementOnAShardRollsBackTheOthersWithoutBegin() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(2)) {
            List<Long> keys =
                    List.of(more(1), more(2), more(3), more(4)).stream().sorted().toList();
            for (long key : keys) {
                run(node, "INSERT INTO users VALUES (%d, 0)".formatted(key));
            }
            run(client, "SET autocommit = 0", "UPDATE users SET n = 1 WHERE user_id = $1");
            run(node, "BEGIN");
            for (long key : keys.subList(1, 4)) {
                run(node, "UPDATE users SET n = 9 WHERE user_id = " + key);
            }
            String list = "(%d, %d)".formatted(keys.get(0), keys.get(1));
            Future<?> dies =
                    threads.submit(
                            () -> run(client, "UPDATE users SET n = 7 WHERE user_id IN " + list));
            NodeSide.until("it waits for the row", () -> waiting(2));
            run(node, "UPDATE users SET n = 9 WHERE user_id = " + keys.getFirst());
            assertThatThrownBy(dies::get).hasMessageContaining("Deadlock found");
            run(node, "ROLLBACK");
            run(client, "COMMIT", "SET autocommit = 1");
            assertThat(stored()).containsExactly(0, 0);
            for (long key : keys) {
                run(node, "DELETE FROM users WHERE user_id = " + key);
            }
        }
    }

    @Test
    void autocommitIsNoCommitOfTheFirstPartWhenTheOtherIsLost() throws Exception {
        try (Connection client = bestEffort()) {
            run(
                    client,
                    "SET autocommit = 0",
                    "UPDATE users SET n = 1 WHERE user_id = $1",
                    "UPDATE users SET n = 1 WHERE user_id = $2");
            nodes.killAll(2);
            NodeSide.until("its rows are free", () -> nodes.transactions(2) == 0);
            assertThatThrownBy(() -> run(client, "SET autocommit = 1"))
                    .hasMessageContaining("SW-4002");
            assertThat(stored()).containsExactly(0, 0);
            run(
                    client,
                    "ROLLBACK",
                    "SET autocommit = 0",
                    "UPDATE users SET n = 3 WHERE user_id = $1",
                    "UPDATE users SET n = 3 WHERE user_id = $2",
                    "SET autocommit = 1");
            assertThat(stored()).containsExactly(3, 3);
        }
    }

    @Test
    void autocommitWhoseCommitIsNotAnsweredIsUnknown() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(1)) {
            run(client, "SET autocommit = 0", "UPDATE users SET n = 1 WHERE user_id = $1");
            run(node, "FLUSH TABLES WITH READ LOCK");
            Future<?> commit = threads.submit(() -> run(client, "SET autocommit = 1"));
            nodes.kill(1, nodes.awaitRunning(1, "COMMIT%"));
            assertThatThrownBy(commit::get).hasMessageContaining("SW-4003");
            run(node, "UNLOCK TABLES");
            run(client, "UPDATE users SET n = 4 WHERE user_id = $1");
        }
        assertThat(stored()).containsExactly(4, 0);
    }

    private static long more(int n) {
        return proxy.keyOn(2, n);
    }

    private static boolean waiting(int shard) throws SQLException {
        try (Connection root = proxy.cluster().primary(shard).connect();
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM information_schema.INNODB_TRX"
                                        + " WHERE trx_state = 'LOCK WAIT'")) {
            rows.next();
            return rows.getInt(1) > 0;
        }
    }

    @Test
    void aLockWaitTimeoutTakesBackTheStatementOnly() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(2)) {
            run(client, "SET innodb_lock_wait_timeout = 1", "BEGIN");
            run(client, "UPDATE users SET n = 1 WHERE user_id = $1");
            run(node, "BEGIN", "UPDATE users SET n = 9 WHERE user_id = $2");
            assertThatThrownBy(() -> run(client, "UPDATE users SET n = 2 WHERE user_id = $2"))
                    .hasMessageContaining("Lock wait timeout");
            run(node, "ROLLBACK");
            run(client, "COMMIT");
            assertThat(stored()).containsExactly(1, 0);
        }
    }

    @Test
    void aPartLostBeforeCommitRollsBackTheOther() throws Exception {
        try (Connection client = bestEffort()) {
            writeBoth(client);
            nodes.killAll(2);
            NodeSide.until("its rows are free", () -> nodes.transactions(2) == 0);
            assertThatThrownBy(() -> run(client, "COMMIT")).hasMessageContaining("SW-400");
            assertThat(stored()).containsExactly(0, 0);
        }
    }

    @Test
    void aPartLostBetweenTwoCommitsIsNamedAsNotCommitted() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(1)) {
            writeBoth(client);
            run(node, "FLUSH TABLES WITH READ LOCK");
            Future<?> commit = threads.submit(() -> run(client, "COMMIT"));
            nodes.awaitRunning(1, "COMMIT%");
            nodes.killAll(2);
            NodeSide.until("the proxy knows", () -> nodes.transactions(2) == 0);
            run(node, "UNLOCK TABLES");
            assertThatThrownBy(commit::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: s1; not committed: s2; unknown: none");
            assertThat(stored()).containsExactly(1, 0);
            run(client, "UPDATE users SET n = 6 WHERE user_id = $2");
        }
        assertThat(stored()).containsExactly(1, 6);
    }

    @Test
    void aSecondCommitThatIsDoneAndWhoseAnswerIsLostIsUnknown() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(2)) {
            writeBoth(client);
            // The commit stands in the binlog's queue, where KILL takes the connection only.
            run(node, "SET GLOBAL binlog_group_commit_sync_delay = 1000000");
            Future<?> commit = threads.submit(() -> run(client, "COMMIT"));
            nodes.kill(2, nodes.awaitRunning(2, "COMMIT%"));
            assertThatThrownBy(commit::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: s1; not committed: none; unknown: s2");
        }
        NodeSide.until("it is committed", () -> stored().equals(List.of(1, 1)));
    }

    @Test
    void aFirstCommitWhoseAnswerIsLostRollsBackTheOther() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(1)) {
            writeBoth(client);
            run(node, "FLUSH TABLES WITH READ LOCK");
            Future<?> commit = threads.submit(() -> run(client, "COMMIT"));
            nodes.kill(1, nodes.awaitRunning(1, "COMMIT%"));
            assertThatThrownBy(commit::get)
                    .hasMessageContaining("SW-4008")
                    .hasMessageContaining("committed: none; not committed: s2; unknown: s1");
            run(node, "UNLOCK TABLES");
        }
        NodeSide.until("it is gone", () -> nodes.transactions(1) == 0);
        assertThat(stored()).containsExactly(0, 0);
    }

    @Test
    void aCommitThatTheFirstShardRefusesRollsBackBoth() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(1)) {
            writeBoth(client);
            run(node, "SET GLOBAL super_read_only = 1");
            try {
                assertThatThrownBy(() -> run(client, "COMMIT")).hasMessageContaining("read-only");
            } finally {
                run(node, "SET GLOBAL super_read_only = 0", "SET GLOBAL read_only = 0");
            }
            assertThat(stored()).containsExactly(0, 0);
        }
    }

    @Test
    void aCommitThatTheSecondShardRefusesIsNamed() throws Exception {
        try (Connection client = bestEffort();
                Connection node = proxy.onShard(2)) {
            writeBoth(client);
            run(node, "SET GLOBAL super_read_only = 1");
            try {
                assertThatThrownBy(() -> run(client, "COMMIT"))
                        .hasMessageContaining("SW-4008")
                        .hasMessageContaining("committed: s1; not committed: s2; unknown: none");
            } finally {
                run(node, "SET GLOBAL super_read_only = 0", "SET GLOBAL read_only = 0");
            }
            assertThat(stored()).containsExactly(1, 0);
        }
    }
}
