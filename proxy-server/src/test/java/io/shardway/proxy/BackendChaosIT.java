package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Backend connections are killed at random moments, those between a client's statements included.
 */
@Timeout(120)
class BackendChaosIT {

    private static final int WORKERS = 8;
    private static final int ROUNDS = 150;

    private static TestProxy proxy;
    private static NodeSide nodes;

    /**
     * What a worker knows of its row: at least this many additions, and so many more of which it
     * does not know.
     */
    private record Known(int sure, int unknown) {}

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("backend.connections-max", "6"));
        nodes = new NodeSide(proxy);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            for (int i = 0; i < WORKERS; i++) {
                statement.execute("INSERT INTO users (user_id, n) VALUES (" + key(i) + ", 0)");
            }
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static long key(int worker) {
        return proxy.keyOn(worker % 2 + 1, worker);
    }

    @Test
    void neitherLosesNorRepeatsAWrite() throws Exception {
        long seed = System.nanoTime();
        System.err.println("seed of BackendChaosIT: " + seed);
        var running = new AtomicInteger(WORKERS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Known>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                int worker = i;
                workers.add(
                        threads.submit(() -> {
                            try {
                                return work(worker, new Random(seed + worker));
                            } finally {
                                running.decrementAndGet();
                            }
                        }));
            }
            var random = new Random(seed);
            int kills = 0;
            while (running.get() > 0) {
                int shard = random.nextInt(2) + 1;
                List<Long> victims = nodes.threads(shard);
                if (!victims.isEmpty()) {
                    nodes.kill(shard, victims.get(random.nextInt(victims.size())));
                    kills++;
                }
                Thread.sleep(random.nextInt(100));
            }
            assertThat(kills).isPositive();
            for (int i = 0; i < WORKERS; i++) {
                Known known = workers.get(i).get(1, TimeUnit.SECONDS);
                assertThat(value(i))
                        .as("worker %d, seed %d, %s", i, seed, known)
                        .isBetween(known.sure(), known.sure() + known.unknown());
                assertThat(known.sure()).isPositive();
            }
        }
        nodes.awaitClean();
    }

    private static Known work(int worker, Random random) throws SQLException {
        int sure = 0;
        int unknown = 0;
        boolean prepared = worker % 4 < 2;
        try (Connection connection =
                        connect("useServerPrepStmts=" + prepared + "&cachePrepStmts=true");
                Statement statement = connection.createStatement()) {
            for (int round = 0; round < ROUNDS; round++) {
                boolean transaction = random.nextBoolean();
                boolean committing = false;
                try {
                    if (random.nextInt(5) == 0) {
                        statement.execute(
                                "SET SESSION sort_buffer_size = "
                                        + (300_000 + random.nextInt(1_000)));
                    }
                    if (random.nextInt(3) == 0) {
                        read(connection, worker);
                    }
                    if (transaction) {
                        connection.setAutoCommit(false);
                        int before = read(connection, worker);
                        assertThat(before).isBetween(sure, sure + unknown);
                        assertThat(add(connection, worker)).isEqualTo(1);
                        assertThat(read(connection, worker)).isEqualTo(before + 1);
                        committing = true;
                        connection.commit();
                    } else {
                        assertThat(add(connection, worker)).isEqualTo(1);
                    }
                    sure++;
                } catch (SQLException lost) {
                    assertThat(lost.getMessage()).containsPattern("SW-(4001|4002|4003|4007)");
                    if (lost.getMessage().contains("SW-4003")) {
                        assertThat(!transaction || committing).isTrue();
                        unknown++;
                    }
                }
                settle(connection);
            }
        }
        return new Known(sure, unknown);
    }

    /** The driver's own first statements may meet a kill, too. */
    private static Connection connect(String parameters) throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try {
                return proxy.connect(parameters);
            } catch (SQLException lost) {
                assertThat(lost.getMessage()).contains("SW-4001");
                assertThat(attempt).isLessThan(50);
            }
        }
    }

    /** Back to autocommit, however long that takes. */
    private static void settle(Connection connection) throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
                return;
            } catch (SQLException lost) {
                assertThat(lost.getMessage()).containsPattern("SW-(4001|4002|4007)");
                assertThat(attempt).isLessThan(50);
            }
        }
    }

    private static int read(Connection connection, int worker) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT n FROM users WHERE user_id = ?")) {
            select.setLong(1, key(worker));
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getInt(1);
            }
        }
    }

    private static int add(Connection connection, int worker) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE users SET n = n + 1 WHERE user_id = ?")) {
            update.setLong(1, key(worker));
            return update.executeUpdate();
        }
    }

    private static int value(int worker) throws SQLException {
        try (Connection root = proxy.onShard(worker % 2 + 1);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT n FROM users WHERE user_id = " + key(worker))) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
