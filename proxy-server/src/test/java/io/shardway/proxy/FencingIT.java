package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A proxy's serving account is locked on one node. */
@Timeout(60)
class FencingIT {

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;
    private static long fencedKey;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of("backend.fenced-hold-max", "4s", "backend.acquire-timeout", "1s"));
        nodes = new NodeSide(proxy);
        key = proxy.keyOn(1, 0);
        fencedKey = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + key + ", 0)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + fencedKey + ", 0)");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void unlock() throws SQLException {
        nodes.unlock(2);
        threads.close();
        nodes.awaitClean();
    }

    @Test
    void holdsStatementsOfTheFencedShardAndCarriesThemOutWhenUnlocked() throws Exception {
        try (Connection held = proxy.connect();
                Connection other = proxy.connect()) {
            int before = read(held, fencedKey);
            nodes.lock(2);
            nodes.killAll(2);
            Future<Integer> write = threads.submit(() -> add(held, fencedKey));
            NodeSide.until("the write is held", () -> nodes.pool(2).waiters() == 1);
            assertThat(read(other, key)).isNotNegative();
            NodeSide.until("the pool says why", () -> nodes.pool(2).fenced());
            assertThat(write.isDone()).isFalse();
            nodes.unlock(2);
            assertThat(write.get(20, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(read(held, fencedKey)).isEqualTo(before + 1);
        }
    }

    @Test
    void refusesStatementsOfAShardFencedForLongerAndRecoversByItself() throws Exception {
        try (Connection fenced = proxy.connect();
                Connection other = proxy.connect()) {
            int before = read(fenced, fencedKey);
            nodes.lock(2);
            nodes.killAll(2);
            long begin = System.nanoTime();
            assertThatThrownBy(() -> add(fenced, fencedKey)).hasMessageContaining("SW-4005");
            long heldMillis = (System.nanoTime() - begin) / 1_000_000;
            assertThat(heldMillis)
                    .as("held for the hold, not for the acquire timeout")
                    .isGreaterThan(2_500);
            assertThatThrownBy(() -> add(fenced, fencedKey)).hasMessageContaining("SW-4005");
            assertThat(add(other, key)).isEqualTo(1);
            nodes.unlock(2);
            NodeSide.until("the pool finds out by itself", () -> !nodes.pool(2).fenced());
            assertThat(read(fenced, fencedKey)).isEqualTo(before);
        }
    }

    @Test
    void readsTheTopologyAgainWhenFenced() throws Exception {
        try (Connection fenced = proxy.connect()) {
            read(fenced, fencedKey);
            long contact = proxy.proxy().store().health().lastContact().toEpochMilli();
            nodes.lock(2);
            nodes.killAll(2);
            NodeSide.until(
                    "the topology is read again",
                    () -> proxy.proxy().store().health().lastContact().toEpochMilli() > contact);
            NodeSide.until("the pool heard of the kill", () -> nodes.pool(2).open() == 0);
            nodes.unlock(2);
            assertThat(read(fenced, fencedKey)).isNotNegative();
        }
    }

    @Test
    void losesATransactionOnTheFencedNode() throws Exception {
        try (Connection fenced = proxy.connect()) {
            int before = read(fenced, fencedKey);
            fenced.setAutoCommit(false);
            add(fenced, fencedKey);
            nodes.lock(2);
            nodes.killAll(2);
            NodeSide.until(
                    "the proxy has heard",
                    () -> nodes.threads(2).isEmpty() && nodes.pool(2).open() == 0);
            assertThatThrownBy(fenced::commit).hasMessageContaining("SW-4002");
            nodes.unlock(2);
            fenced.rollback();
            assertThat(read(fenced, fencedKey)).isEqualTo(before);
            fenced.rollback();
        }
    }

    private static int read(Connection connection, long user) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT n FROM users WHERE user_id = " + user)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static int add(Connection connection, long user) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE users SET n = n + 1 WHERE user_id = " + user);
        }
    }
}
