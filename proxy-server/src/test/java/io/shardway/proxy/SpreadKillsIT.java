package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes on two shards while their connections are killed at any moment: what is told, is so. */
@Timeout(180)
class SpreadKillsIT {

    private static final int WRITERS = 4;
    private static final int WRITES = Integer.getInteger("shardway.kills.writes", 60);

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void everyRowHasWhatWasToldToBeDone() throws Exception {
        try (TestProxy proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var nodes = new NodeSide(proxy);
            try (Connection client = proxy.connect()) {
                run(client, "CREATE TABLE sums (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
                run(
                        client,
                        "INSERT INTO sums VALUES (%d, 0), (%d, 0)"
                                .formatted(proxy.keyOn(1, 0), proxy.keyOn(2, 0)));
            }
            var writers = new ArrayList<Future<?>>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int seed = writer;
                writers.add(threads.submit(() -> write(proxy, new Random(seed))));
            }
            Future<?> killer = threads.submit(() -> nodes.killUntil(over, new Random(WRITERS), 60));
            try {
                for (Future<?> writer : writers) {
                    writer.get();
                }
            } finally {
                over.set(true);
            }
            killer.get();
            nodes.awaitClean();
            List<Integer> sums = sums(proxy);
            System.out.printf("done %s unknown %s failed %s: %s%n", done, unknown, failed, sums);
            assertThat(sums)
                    .hasSize(2)
                    .allSatisfy(sum ->
                            assertThat(sum).isBetween(done.get(), done.get() + unknown.get()));
            assertThat(done.get()).isPositive();
            assertThat(failed.get()).isPositive();
        }
    }

    private Object write(TestProxy proxy, Random random) throws SQLException {
        Connection client = proxy.connectAtLast("readOnlyPropagatesToServer=false");
        for (int write = 0; write < WRITES; write++) {
            try {
                one(proxy, client, random.nextInt(3));
                done.incrementAndGet();
            } catch (SQLException problem) {
                String message = String.valueOf(problem.getMessage());
                boolean open = message.contains("SW-4003") || message.contains("SW-4008");
                boolean told = message.contains("SW-") || problem.getErrorCode() == 1213;
                (open || !told ? unknown : failed).incrementAndGet();
                client = again(proxy, client);
            }
        }
        client.close();
        return "done";
    }

    private static void one(TestProxy proxy, Connection client, int way) throws SQLException {
        switch (way) {
            case 0 -> run(client, "UPDATE sums SET n = n + 1");
            case 1 -> {
                run(client, "BEGIN");
                run(client, "UPDATE sums SET n = n + 1 WHERE user_id = " + proxy.keyOn(1, 0));
                run(client, "UPDATE sums SET n = n + 1 WHERE user_id = " + proxy.keyOn(2, 0));
                run(client, "COMMIT");
            }
            default -> {
                run(client, "SET autocommit = 0");
                run(client, "UPDATE sums SET n = n + 1");
                run(client, "SET autocommit = 1");
            }
        }
    }

    /** A session that goes on where it can. */
    private static Connection again(TestProxy proxy, Connection client) throws SQLException {
        try {
            run(client, "ROLLBACK");
            run(client, "SET autocommit = 1");
            return client;
        } catch (SQLException gone) {
            client.close();
            return proxy.connectAtLast("readOnlyPropagatesToServer=false");
        }
    }

    private static List<Integer> sums(TestProxy proxy) throws SQLException {
        var sums = new ArrayList<Integer>();
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet row = statement.executeQuery("SELECT n FROM sums")) {
                row.next();
                sums.add(row.getInt(1));
            }
        }
        return sums;
    }
}
