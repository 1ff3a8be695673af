package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * More rows than the proxy's heap could hold, in order, through a proxy with 256 MB. By hand with
 * {@code -Dshardway.scatter.rows=5000000}.
 */
class SmallHeapIT {

    private static final int ROWS = Integer.getInteger("shardway.scatter.rows", 200_000);
    private static final int WIDE_ROWS = 25_000;

    @Test
    @Timeout(840)
    void rowsInOrderPassThroughASmallHeap() throws Exception {
        try (TestProxy cluster = TestProxy.start(Map.of())) {
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute(
                        "CREATE TABLE many (user_id BIGINT NOT NULL PRIMARY KEY, t VARCHAR(2000))");
            }
            for (int shard = 1; shard <= 2; shard++) {
                fill(cluster, shard);
            }
            try (ChildProxy child =
                    ChildProxy.start(
                            cluster.settingsOf(Map.of()), cluster.cluster().rootPassword())) {
                for (String order : List.of(" ORDER BY user_id", " ORDER BY user_id DESC", "")) {
                    long begun = System.nanoTime();
                    int read = read(child, cluster.keyspace(), order);
                    Duration took = Duration.ofNanos(System.nanoTime() - begun);
                    System.out.printf("SmallHeapIT %d rows%s in %s%n", read, order, took);
                    assertThat(read).as(order).isEqualTo(ROWS);
                }
                longStatementsDoNotFillIt(child, cluster.keyspace());
                rowsThatWaitDoNotFillIt(child, cluster);
            }
        }
    }

    /** Every second key, half of the rows. */
    private static void fill(TestProxy cluster, int shard) throws SQLException {
        try (Connection node = cluster.onShard(shard);
                Statement statement = node.createStatement()) {
            statement.execute("SET SESSION sql_log_bin = 0, cte_max_recursion_depth = 1000000");
            for (int from = 0; from < ROWS / 2; from += 500_000) {
                int count = Math.min(500_000, ROWS / 2 - from);
                statement.execute(
                        ("INSERT INTO many WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i +"
                                        + " 1 FROM c WHERE i < %d) SELECT (%d + i) * 2 + %d,"
                                        + " REPEAT('x', 100) FROM c")
                                .formatted(count, from, shard));
            }
        }
    }

    /** Parsed as a whole, the INSERT would take 600 MB. */
    private static void longStatementsDoNotFillIt(ChildProxy child, String keyspace)
            throws SQLException {
        String values =
                IntStream.rangeClosed(1, 100_000)
                        .mapToObj(i -> "(%d, 'a long row, %d')".formatted(10_000_000 + i, i))
                        .collect(Collectors.joining(","));
        String list =
                IntStream.range(0, 100_000)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(","));
        try (Connection connection = connect(child, keyspace);
                Statement statement = connection.createStatement()) {
            statement.execute("SHARDWAY SET transaction_mode = best_effort");
            assertThat(statement.executeUpdate("INSERT INTO many VALUES " + values))
                    .isEqualTo(100_000);
            assertThatThrownBy(() ->
                            statement.execute("DELETE FROM many WHERE LENGTH(t) IN (" + list + ")"))
                    .hasMessageContaining(ErrorCode.STATEMENT_TOO_LONG.id());
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM many")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(ROWS + 100_000);
            }
        }
    }

    /** Three statements make 47 MB of rows each; all together may hold 128 MiB. */
    private static void rowsThatWaitDoNotFillIt(ChildProxy child, TestProxy cluster)
            throws Exception {
        var nodes = new NodeSide(cluster, child.number());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection first = connect(child, cluster.keyspace());
                Connection second = connect(child, cluster.keyspace());
                Connection third = connect(child, cluster.keyspace());
                Connection lock = cluster.onShard(1)) {
            TestProxy.run(first, "CREATE TABLE wide (user_id BIGINT NOT NULL PRIMARY KEY, t TEXT)");
            for (Connection each : List.of(first, second, third)) {
                TestProxy.run(each, "SHARDWAY SET transaction_mode = best_effort");
            }
            TestProxy.run(lock, "LOCK TABLES wide READ");
            Future<Integer> one = threads.submit(() -> widen(first, 0));
            Future<Integer> two = threads.submit(() -> widen(second, 1));
            NodeSide.until(
                    "both wait for the table",
                    () -> nodes.threadsRunning(1, "INSERT INTO%wide%VALUES%").size() == 2);
            assertThatThrownBy(() -> widen(third, 2))
                    .hasMessageContaining(ErrorCode.HELD_ROWS_EXHAUSTED.id());
            TestProxy.run(lock, "UNLOCK TABLES");
            assertThat(one.get()).isEqualTo(WIDE_ROWS);
            assertThat(two.get()).isEqualTo(WIDE_ROWS);
            assertThat(widen(third, 2)).isEqualTo(WIDE_ROWS);
            assertThatThrownBy(() ->
                            TestProxy.run(first, "UPDATE wide SET user_id = user_id + 50000000"))
                    .hasMessageContaining(ErrorCode.ASSEMBLY_TOO_LARGE.id());
        }
        nodes.awaitClean();
    }

    private static int widen(Connection connection, int number) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(
                    ("INSERT INTO wide SELECT user_id + %d, REPEAT('x', 1900) FROM many WHERE"
                                    + " user_id < %d")
                            .formatted(number * 10_000_000, WIDE_ROWS + 3));
        }
    }

    private static Connection connect(ChildProxy child, String keyspace) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&sslMode=DISABLED"
                        .formatted(child.port(), keyspace);
        return DriverManager.getConnection(url, "app", "app");
    }

    private static int read(ChildProxy child, String keyspace, String order) throws SQLException {
        try (Connection connection = connect(child, keyspace);
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(Integer.MIN_VALUE);
            int count = 0;
            long before = 0;
            try (ResultSet rows = statement.executeQuery("SELECT * FROM many" + order)) {
                while (rows.next()) {
                    long now = rows.getLong(1);
                    boolean right =
                            count == 0
                                    || order.isEmpty()
                                    || (order.endsWith("DESC") ? now < before : now > before);
                    assertThat(right).isTrue();
                    before = now;
                    count++;
                }
            }
            return count;
        }
    }
}
