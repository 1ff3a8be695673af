package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * More rows than the proxy's heap could hold, in order, through a proxy with 256 MB. By hand with
 * {@code -Dshardway.scatter.rows=5000000}.
 */
class SmallHeapIT {

    private static final int ROWS = Integer.getInteger("shardway.scatter.rows", 200_000);

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

    private static int read(ChildProxy child, String keyspace, String order) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&sslMode=DISABLED"
                        .formatted(child.port(), keyspace);
        try (Connection connection = DriverManager.getConnection(url, "app", "app");
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
