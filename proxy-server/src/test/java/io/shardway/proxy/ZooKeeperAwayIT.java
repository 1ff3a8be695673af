package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** ZooKeeper goes away and comes back, or forgets the proxy's session. */
@Timeout(120)
class ZooKeeperAwayIT {

    private static final Pattern AGE =
            Pattern.compile("(?m)^shardway_topology_snapshot_age_seconds[^ ]* (\\S+)$");

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("management.enabled", "true", "management.port", "0"));
        nodes = new NodeSide(proxy);
        key = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            statement.execute("INSERT INTO users (user_id, n) VALUES (" + key + ", 7)");
        }
        NodeSide.until("management is up", () -> get("health").contains("\"UP\""));
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void startAgain() {
        proxy.cluster().zooKeeper().start();
        nodes.awaitClean();
    }

    @Test
    void servesItsSnapshotWithoutZooKeeperAndFollowsAgainAfterwards() throws Exception {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            proxy.cluster().zooKeeper().stop();
            NodeSide.until("health says so", () -> get("health").contains("\"DEGRADED\""));
            assertThat(get("health")).contains("snapshotAgeSeconds");
            NodeSide.until("the metric tells the age", () -> age() > 1);
            assertThat(read(statement)).isEqualTo(7);
            try (Connection fresh = proxy.connect();
                    Statement other = fresh.createStatement()) {
                assertThat(read(other)).isEqualTo(7);
                assertThat(other.executeUpdate("UPDATE users SET n = 7 WHERE user_id = " + key))
                        .isEqualTo(1);
            }
            assertThatThrownBy(() ->
                            statement.execute(
                                    "CREATE TABLE later (user_id BIGINT NOT NULL PRIMARY KEY)"))
                    .hasMessageContaining("SW-3001");
            for (int shard = 1; shard <= 2; shard++) {
                assertThat(tables(shard)).doesNotContain("later");
            }
            assertThatThrownBy(() -> statement.execute("DROP TABLE users"))
                    .hasMessageContaining("SW-3001");
            assertThat(read(statement)).isEqualTo(7);

            proxy.cluster().zooKeeper().start();
            NodeSide.until("health is well again", () -> !get("health").contains("DEGRADED"));
            NodeSide.until(
                    "the table can be made",
                    () -> {
                        try {
                            statement.execute(
                                    "CREATE TABLE later (user_id BIGINT NOT NULL PRIMARY KEY)");
                            return true;
                        } catch (SQLException notYet) {
                            assertThat(notYet.getMessage()).contains("SW-300");
                            return false;
                        }
                    });
            assertThat(statement.executeUpdate("INSERT INTO later (user_id) VALUES (" + key + ")"))
                    .isEqualTo(1);
        }
    }

    @Test
    void registersAgainWhenItsSessionExpired() throws Exception {
        ZooKeeper session = session();
        long expired = session.getSessionId();
        var twin =
                new ZooKeeper(
                        proxy.cluster().zooKeeper().connectString(),
                        10_000,
                        _ -> {},
                        expired,
                        session.getSessionPasswd());
        NodeSide.until("the twin is connected", () -> twin.getState().isConnected());
        twin.close();
        NodeSide.until(
                "a new session is made",
                () -> {
                    ZooKeeper now = session();
                    return now.getSessionId() != expired && now.getState().isConnected();
                });
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            assertThat(read(statement)).isEqualTo(7);
            NodeSide.until(
                    "it is alive in the registry",
                    () ->
                            proxy.proxy().zookeeper().proxyRegistry().proxies().stream()
                                    .anyMatch(peer ->
                                            peer.number() == proxy.proxy().number()
                                                    && peer.alive()));
            statement.execute("CREATE TABLE after_expiry (user_id BIGINT NOT NULL PRIMARY KEY)");
            assertThat(
                            statement.executeUpdate(
                                    "INSERT INTO after_expiry (user_id) VALUES (" + key + ")"))
                    .isEqualTo(1);
        }
    }

    private static ZooKeeper session() throws Exception {
        var accessor = ZooKeeperClient.class.getDeclaredMethod("curator");
        accessor.setAccessible(true);
        return ((CuratorFramework) accessor.invoke(proxy.proxy().zookeeper()))
                .getZookeeperClient()
                .getZooKeeper();
    }

    private static double age() throws Exception {
        Matcher metric = AGE.matcher(get("prometheus"));
        assertThat(metric.find()).isTrue();
        return Double.parseDouble(metric.group(1));
    }

    private static String get(String endpoint) throws Exception {
        int port = proxy.proxy().managementPort().orElseThrow();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + port
                                                            + "/actuator/"
                                                            + endpoint))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static int read(Statement statement) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery("SELECT n FROM users WHERE user_id = " + key)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static String tables(int shard) throws SQLException {
        try (Connection root = proxy.onShard(shard);
                Statement statement = root.createStatement();
                ResultSet rows = statement.executeQuery("SHOW TABLES")) {
            var names = new StringBuilder();
            while (rows.next()) {
                names.append(rows.getString(1)).append(' ');
            }
            return names.toString();
        }
    }
}
