package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients share few backend connections. */
@Timeout(180)
class PoolLimitsIT {

    private static final int IDLE = 1_000;
    private static final int BUSY = 200;
    private static final int EACH = 15;
    private static final int LIMIT = 20;

    private static TestProxy proxy;
    private static NodeSide nodes;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "backend.connections-max",
                                String.valueOf(LIMIT),
                                "backend.acquire-timeout",
                                "30s"));
        nodes = new NodeSide(proxy);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            for (int i = 0; i < BUSY; i++) {
                statement.execute("INSERT INTO users (user_id, n) VALUES (" + key(i) + ", 0)");
            }
        }
    }

    private static long key(int i) {
        return proxy.keyOn(i % 2 + 1, i);
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

    @Test
    void servesManyIdleAndBusyClientsOverFewConnections() throws Exception {
        var idle = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < IDLE; i++) {
                idle.add(RawClient.connect(proxy));
            }
            var over = new AtomicBoolean();
            var most = new AtomicInteger();
            Future<?> watcher =
                    threads.submit(() -> {
                        try (Connection one = proxy.onShard(1);
                                Connection two = proxy.onShard(2)) {
                            while (!over.get()) {
                                most.accumulateAndGet(nodes.threadsSeenBy(one).size(), Math::max);
                                most.accumulateAndGet(nodes.threadsSeenBy(two).size(), Math::max);
                                Thread.sleep(50);
                            }
                        }
                        return 0;
                    });
            List<Future<Integer>> busy = new ArrayList<>();
            for (int i = 0; i < BUSY; i++) {
                int number = i;
                busy.add(threads.submit(() -> work(number)));
            }
            int done = 0;
            for (Future<Integer> worker : busy) {
                done += worker.get(120, TimeUnit.SECONDS);
            }
            over.set(true);
            watcher.get(20, TimeUnit.SECONDS);
            assertThat(done).isEqualTo(BUSY * EACH);
            assertThat(most.get()).isBetween(1, LIMIT);
            for (RawClient client : idle) {
                client.query("SELECT 1");
            }
            for (RawClient client : idle) {
                assertThat(RawClient.errorOf(client.packet())).isZero();
            }
        } finally {
            for (RawClient client : idle) {
                client.close();
            }
        }
    }

    /** Half of the clients count found rows, half affected rows; some in transactions. */
    private static int work(int number) throws SQLException {
        int done = 0;
        try (Connection connection =
                        proxy.connect(
                                "useAffectedRows="
                                        + (number % 4 < 2)
                                        + "&useServerPrepStmts="
                                        + (number % 3 == 0));
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE users SET n = n + 1 WHERE user_id = ?")) {
            connection.setAutoCommit(number % 5 != 0);
            for (int i = 0; i < EACH; i++) {
                update.setLong(1, key(number));
                done += update.executeUpdate();
                if (!connection.getAutoCommit()) {
                    connection.commit();
                }
            }
        }
        return done;
    }

    @Test
    void refusesWhoWaitsTooLongAndWhoIsTooMany() throws Exception {
        try (TestProxy small =
                        proxy.another(
                                Map.of(
                                        "backend.connections-max", "1",
                                        "backend.acquire-timeout", "1s",
                                        "backend.waiters-max", "1"));
                Connection holder = small.connect();
                Connection waiter = small.connect();
                Connection tooMany = small.connect();
                Statement hold = holder.createStatement();
                Statement wait = waiter.createStatement();
                Statement third = tooMany.createStatement()) {
            var smallNodes = new NodeSide(small);
            holder.setAutoCommit(false);
            hold.executeUpdate("UPDATE users SET n = 0 WHERE user_id = " + key(0));
            Future<?> waiting =
                    threads.submit(() ->
                            wait.executeUpdate("UPDATE users SET n = 0 WHERE user_id = " + key(2)));
            NodeSide.until("one waits", () -> smallNodes.pool(1).waiters() == 1);
            assertThatThrownBy(() ->
                            third.executeUpdate("UPDATE users SET n = 0 WHERE user_id = " + key(4)))
                    .hasMessageContaining("SW-5004");
            assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("SW-5001")
                    .hasMessageContaining(proxy.cluster().primary(1).name());
            assertThat(third.executeUpdate("UPDATE users SET n = 0 WHERE user_id = " + key(1)))
                    .isNotNegative();
            holder.rollback();
            assertThat(wait.executeUpdate("UPDATE users SET n = 1 WHERE user_id = " + key(2)))
                    .isEqualTo(1);
        }
    }

    /** One connection, two loops, two flavours: it goes round. */
    @Test
    void letsNoLoopAndNoFlavourStarve() throws Exception {
        try (TestProxy small =
                proxy.another(
                        Map.of("backend.connections-max", "1", "backend.acquire-timeout", "30s"))) {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                workers.add(
                        threads.submit(() -> {
                            int done = 0;
                            try (Connection connection =
                                            small.connect(
                                                    "useAffectedRows=" + (number / 2 % 2 == 0));
                                    Statement statement = connection.createStatement()) {
                                for (int j = 0; j < 10; j++) {
                                    statement
                                            .executeQuery(
                                                    "SELECT n FROM users WHERE user_id = "
                                                            + key(2 * number))
                                            .close();
                                    done++;
                                }
                            }
                            return done;
                        }));
            }
            for (Future<Integer> worker : workers) {
                assertThat(worker.get(60, TimeUnit.SECONDS)).isEqualTo(10);
            }
            new NodeSide(small).awaitClean();
        }
    }
}
