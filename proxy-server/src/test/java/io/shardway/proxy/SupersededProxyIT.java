package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.topology.ProxyLife;
import io.shardway.router.topology.ProxyState;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A proxy sleeps until another one has taken over its name, number and account; awake again, it
 * must stop.
 */
@Timeout(120)
class SupersededProxyIT {

    private static final Map<String, String> NAME = Map.of("proxy.name", "twin");

    @Test
    void stopsWhenAnotherProxyHasTakenOverItsName() throws Exception {
        try (TestProxy awake = TestProxy.start();
                ChildProxy sleeper =
                        ChildProxy.start(
                                awake.settingsOf(
                                        Map.of(
                                                "proxy.name",
                                                "twin",
                                                "zookeeper.session-timeout",
                                                "2s")),
                                awake.cluster().rootPassword());
                Connection maker = awake.connect();
                Statement statement = maker.createStatement()) {
            long key = awake.keyOn(1, 0);
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + key + ", 0)");
            try (Connection idle = connect(awake, sleeper);
                    Connection open = connect(awake, sleeper);
                    Statement transaction = open.createStatement()) {
                open.setAutoCommit(false);
                transaction.executeUpdate("UPDATE users SET n = 1 WHERE user_id = " + key);
                sleeper.suspend();
                try (TestProxy next = awake.another(NAME)) {
                    assertThat(next.proxy().number()).isEqualTo(sleeper.number());
                    assertThat(new NodeSide(awake).transactions(1))
                            .as("what the sleeper had open ended before its successor served")
                            .isZero();
                    sleeper.resume();
                    NodeSide.until("it lets its idle client go", () -> !idle.isValid(1));
                    NodeSide.until("it lets an open transaction go", () -> !open.isValid(1));
                    NodeSide.until("it takes no new client", () -> isClosed(awake, sleeper));
                    new NodeSide(next).awaitClean();
                    assertThat(value(awake, key)).isZero();
                    serves(next, key);
                    ProxyState state = state(next);
                    assertThat(state.life()).isEqualTo(ProxyLife.ALIVE);
                    assertThat(state.announced())
                            .isEqualTo(next.proxy().serving().topology().epoch());
                }
            }
        }
    }

    @Test
    void aNameThatIsAliveIsNotTakenOver() {
        try (TestProxy first = TestProxy.start(NAME)) {
            assertThatThrownBy(() ->
                            first.another(
                                    Map.of(
                                            "proxy.name",
                                            "twin",
                                            "zookeeper.session-timeout",
                                            "2s")))
                    .hasMessageContaining("SW-3016");
            assertThat(first.proxy().number()).isEqualTo(1);
        }
    }

    private static Connection connect(TestProxy proxy, ChildProxy child) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(child.port(), proxy.keyspace()),
                "app",
                "app");
    }

    private static boolean isClosed(TestProxy proxy, ChildProxy child) {
        try (Connection _ = connect(proxy, child)) {
            return false;
        } catch (SQLException refused) {
            return refused.getMessage().contains("Communications link failure");
        }
    }

    private static void serves(TestProxy proxy, long key) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE users SET n = 2 WHERE user_id = " + key))
                    .isEqualTo(1);
        }
        assertThat(value(proxy, key)).isEqualTo(2);
    }

    private static int value(TestProxy proxy, long key) throws SQLException {
        try (Connection root = proxy.onShard(1);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT n FROM users WHERE user_id = " + key)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static ProxyState state(TestProxy proxy) {
        return proxy.proxy().zookeeper().proxyRegistry().proxies().stream()
                .filter(state -> state.number() == proxy.proxy().number())
                .findFirst()
                .orElseThrow();
    }
}
