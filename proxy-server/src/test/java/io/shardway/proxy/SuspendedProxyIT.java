package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A proxy sleeps while it is fenced on one node; awake again, it can write nothing there. */
@Timeout(120)
class SuspendedProxyIT {

    @Test
    void writesNothingOnANodeWhereItWasFencedInItsSleep() throws Exception {
        try (TestProxy awake = TestProxy.start();
                ChildProxy child =
                        ChildProxy.start(
                                awake.settingsOf(
                                        Map.of(
                                                "backend.fenced-hold-max",
                                                "1s",
                                                "backend.acquire-timeout",
                                                "1s")),
                                awake.cluster().rootPassword());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long key = awake.keyOn(1, 0);
            long fencedKey = awake.keyOn(2, 0);
            var nodes = new NodeSide(awake, child.number());
            try (Connection maker = awake.connect();
                    Statement statement = maker.createStatement()) {
                statement.execute(
                        "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
                statement.execute("INSERT INTO users (user_id, n) VALUES (" + key + ", 0)");
                statement.execute("INSERT INTO users (user_id, n) VALUES (" + fencedKey + ", 0)");
            }
            String url =
                    "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                            .formatted(child.port(), awake.keyspace());
            try (Connection connection = DriverManager.getConnection(url, "app", "app");
                    Connection open = DriverManager.getConnection(url, "app", "app");
                    Statement statement = connection.createStatement();
                    Statement transaction = open.createStatement()) {
                assertThat(add(statement, fencedKey)).isEqualTo(1);
                open.setAutoCommit(false);
                assertThat(add(transaction, fencedKey)).isEqualTo(1);

                child.suspend();
                nodes.lock(2);
                nodes.killAll(2);
                nodes.awaitNoThreads(2);
                Future<Integer> sentInItsSleep = threads.submit(() -> add(statement, fencedKey));
                child.resume();

                assertThatThrownBy(() -> sentInItsSleep.get(30, TimeUnit.SECONDS))
                        .hasMessageMatching("(?s).*SW-400[135].*");
                assertThatThrownBy(open::commit).hasMessageContaining("SW-4002");
                open.rollback();
                assertThatThrownBy(() -> add(statement, fencedKey)).hasMessageContaining("SW-4005");
                assertThat(add(statement, key)).isEqualTo(1);
                assertThat(nodes.threads(2)).isEmpty();
                assertThat(value(awake, fencedKey)).isEqualTo(1);

                nodes.unlock(2);
                NodeSide.until(
                        "it recovers by itself",
                        () -> {
                            try {
                                return add(statement, fencedKey) == 1;
                            } catch (SQLException still) {
                                assertThat(still.getMessage()).contains("SW-4005");
                                return false;
                            }
                        });
                assertThat(value(awake, fencedKey)).isEqualTo(2);
            } finally {
                nodes.unlock(2);
            }
        }
    }

    private static int value(TestProxy proxy, long user) throws SQLException {
        try (Connection root = proxy.onShard(2);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT n FROM users WHERE user_id = " + user)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static int add(Statement statement, long user) throws SQLException {
        return statement.executeUpdate("UPDATE users SET n = n + 1 WHERE user_id = " + user);
    }
}
