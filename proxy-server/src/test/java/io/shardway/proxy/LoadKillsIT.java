package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files loaded while the shards' connections are killed at any moment: what is told, is so. */
@Timeout(180)
class LoadKillsIT {

    private static final int LOADS = Integer.getInteger("shardway.kills.loads", 80);
    private static final int ROWS = 3_000;

    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void everyFileIsThereAsWasTold() throws Exception {
        try (TestProxy proxy = TestProxy.start(Map.of("session.transaction-mode", "best-effort"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var nodes = new NodeSide(proxy);
            for (int shard = 1; shard <= 2; shard++) {
                proxy.cluster().primary(shard).execute("SET GLOBAL local_infile = ON");
            }
            try (Connection client = proxy.connect()) {
                TestProxy.run(
                        client,
                        "CREATE TABLE items (user_id BIGINT NOT NULL, file INT NOT NULL, PRIMARY KEY"
                                + " (user_id, file), KEY (file))");
            }
            Future<?> killer = threads.submit(() -> nodes.killUntil(over, new Random(1), 120));
            Map<Integer, String> told;
            try {
                told = load(proxy);
            } finally {
                over.set(true);
            }
            killer.get();
            nodes.awaitClean();
            check(proxy, told);
        }
    }

    private static Map<Integer, String> load(TestProxy proxy) throws SQLException {
        var told = new HashMap<Integer, String>();
        String parameters = "allowLoadLocalInfile=true";
        Connection client = proxy.connectAtLast(parameters);
        for (int file = 0; file < LOADS; file++) {
            var rows = new StringBuilder();
            for (int row = 0; row < ROWS; row++) {
                rows.append(row).append('\t').append(file).append('\n');
            }
            try {
                told.put(
                        file,
                        LoadFixture.load(
                                client,
                                "LOAD DATA LOCAL INFILE 'x' INTO TABLE items",
                                rows.toString()));
            } catch (SQLException gone) {
                told.put(file, "gone " + gone.getMessage());
            }
            if (!client.isValid(5)) {
                client.close();
                client = proxy.connectAtLast(parameters);
            }
        }
        client.close();
        return told;
    }

    private static void check(TestProxy proxy, Map<Integer, String> told) throws SQLException {
        int done = 0;
        int failed = 0;
        int open = 0;
        for (int file = 0; file < LOADS; file++) {
            int there = count(proxy, file);
            String answer = told.get(file);
            if (answer.startsWith("affected")) {
                done++;
                assertThat(there).as("file %d: %s", file, answer).isEqualTo(ROWS);
            } else if (answer.contains("SW-4003")
                    || answer.contains("SW-4008")
                    || answer.startsWith("gone")
                    || answer.startsWith("error 0 ")) {
                open++;
            } else {
                failed++;
                assertThat(there).as("file %d: %s", file, answer).isZero();
            }
        }
        System.out.printf("LoadKillsIT done %d failed %d open %d%n", done, failed, open);
        assertThat(done).isPositive();
        assertThat(failed).isPositive();
    }

    private static int count(TestProxy proxy, int file) throws SQLException {
        int rows = 0;
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet found =
                            statement.executeQuery(
                                    "SELECT COUNT(*) FROM %s.items WHERE file = %d"
                                            .formatted(proxy.keyspace(), file))) {
                found.next();
                rows += found.getInt(1);
            }
        }
        return rows;
    }
}
