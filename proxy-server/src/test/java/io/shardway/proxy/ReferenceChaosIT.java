package io.shardway.proxy;

import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two proxies write the same reference table while their connections are killed at random moments:
 * in the end the copies are equal, and every row counts what its writers were told.
 */
@Timeout(180)
class ReferenceChaosIT {

    private static final int COUNTERS = 4;
    private static final int WRITES = 60;

    private static TestProxy proxy;
    private static TestProxy second;
    private static ReferenceCopiesSide copies;

    private final AtomicIntegerArray done = new AtomicIntegerArray(COUNTERS);
    private final AtomicIntegerArray unknown = new AtomicIntegerArray(COUNTERS);

    @BeforeAll
    static void start() {
        proxy = TestProxy.start(Map.of("reference.write-timeout", "5s"));
        second = proxy.another(Map.of("reference.write-timeout", "5s"));
        copies = new ReferenceCopiesSide(proxy);
    }

    @AfterAll
    static void stop() {
        second.close();
        proxy.close();
    }

    @Test
    void whatTheWritersWereToldIsWhatEveryCopyHas() throws Exception {
        try (Connection client = proxy.connect()) {
            run(
                    client,
                    "CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL)"
                            + " COMMENT 'shardway:reference'");
            run(client, "INSERT INTO counters VALUES (0, 0), (1, 0), (2, 0), (3, 0)");
        }
        long seed = System.nanoTime();
        System.out.println("reference chaos: seed " + seed);
        // Who connects while connections are killed may hear of it, too.
        var clients = new ArrayList<Connection>();
        for (int writer = 0; writer < 6; writer++) {
            clients.add((writer % 2 == 0 ? proxy : second).connect());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (Connection client : clients) {
                var random = new Random(seed + writers.size());
                writers.add(
                        threads.submit(() -> {
                            write(client, random);
                            return 0;
                        }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        NodeSide.until("the copies are equal", () -> copies.areEqual("counters"));
        List<String> rows = copies.assertEqual("counters");
        for (int id = 0; id < COUNTERS; id++) {
            int n = Integer.parseInt(rows.get(id).split("\\|")[1]);
            assertThat(n)
                    .as("counter %d, told %d done, %d unknown", id, done.get(id), unknown.get(id))
                    .isBetween(done.get(id), done.get(id) + unknown.get(id));
            assertThat(done.get(id)).isPositive();
        }
    }

    private void write(Connection connected, Random random) throws SQLException {
        try (Connection client = connected) {
            for (int i = 0; i < WRITES; i++) {
                if (random.nextInt(5) == 0) {
                    Thread.startVirtualThread(killing(random.nextBoolean(), 1 + random.nextInt(2)));
                }
                int id = random.nextInt(COUNTERS);
                try {
                    run(client, "UPDATE counters SET n = n + 1 WHERE id = " + id);
                    done.incrementAndGet(id);
                } catch (SQLException told) {
                    String text = String.valueOf(told.getMessage());
                    assertThat(text).doesNotContain("SW-4051").doesNotContain("SW-9");
                    if (text.contains("SW-4053")) {
                        done.incrementAndGet(id);
                    } else if (text.contains("SW-4003")) {
                        unknown.incrementAndGet(id);
                    }
                }
            }
        }
    }

    private static Runnable killing(boolean first, int shard) {
        var nodes = new NodeSide(proxy, (first ? proxy : second).proxy().number());
        return () -> {
            try {
                nodes.killAll(shard);
            } catch (SQLException gone) {
                throw new AssertionError(gone);
            }
        };
    }
}
