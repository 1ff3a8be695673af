package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys drawn by several proxies for one table. */
class SequencesIT {

    private static final Map<String, String> SMALL_BLOCKS =
            Map.of("sequence.block-size", "10", "sequence.acquire-timeout", "30s");

    private TestProxy one;
    private TestProxy two;

    @BeforeEach
    void start() throws SQLException {
        one = TestProxy.start(SMALL_BLOCKS);
        two = one.another(SMALL_BLOCKS);
        try (Connection connection = one.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                            + " name VARCHAR(40) NOT NULL)");
        }
    }

    @AfterEach
    void stop() {
        two.close();
        one.close();
    }

    /** Inserts a row and returns the key the client was told, by all three ways. */
    private static long insert(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO users (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            statement.setString(1, name);
            assertThat(statement.executeUpdate()).isEqualTo(1);
            long key;
            try (ResultSet keys = statement.getGeneratedKeys()) {
                assertThat(keys.next()).isTrue();
                key = keys.getLong(1);
                assertThat(keys.next()).isFalse();
            }
            try (Statement asked = connection.createStatement();
                    ResultSet row = asked.executeQuery("SELECT LAST_INSERT_ID()")) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(key);
            }
            return key;
        }
    }

    private void give(TestProxy proxy, long... keys) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (long key : keys) {
                statement.execute(
                        "INSERT INTO users (user_id, name) VALUES (" + key + ", 'given')");
            }
        }
    }

    private static long draw(TestProxy proxy, String name) throws SQLException {
        try (Connection connection = proxy.connect()) {
            return insert(connection, name);
        }
    }

    /** The keys of all rows by name, from the shards themselves. */
    private Map<String, Long> stored() throws SQLException {
        var rows = new HashMap<String, Long>();
        for (int shard = 1; shard <= one.cluster().shardCount(); shard++) {
            try (Connection node = one.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet found = statement.executeQuery("SELECT name, user_id FROM users")) {
                while (found.next()) {
                    assertThat(rows.put(found.getString(1), found.getLong(2))).isNull();
                }
            }
        }
        return rows;
    }

    private static void inParallel(List<? extends java.util.concurrent.Callable<?>> clients)
            throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            clients.forEach(client -> running.add(threads.submit(client)));
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    @Test
    void definitionsSayWhereKeysBegin() throws SQLException {
        long before = draw(one, "before");
        assertThat(draw(two, "too")).isNotEqualTo(before).isLessThan(100_000);
        try (Connection connection = one.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE users AUTO_INCREMENT = 100000");
            assertThat(draw(one, "a")).isBetween(100_000L, 110_000L);
            assertThat(draw(two, "b")).isBetween(100_000L, 110_000L);
            // The same words with another number, and one that is reached already.
            statement.execute("ALTER TABLE users AUTO_INCREMENT = 200000, COMMENT 'x'");
            assertThat(draw(two, "c")).isBetween(200_000L, 210_000L);
            statement.execute("ALTER TABLE users AUTO_INCREMENT = 5");
            assertThat(draw(one, "d")).isBetween(200_000L, 220_000L);
            statement.execute(
                    "CREATE TABLE later (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT)"
                            + " AUTO_INCREMENT 300000");
            statement.execute("INSERT INTO later (n) VALUES (1)", Statement.RETURN_GENERATED_KEYS);
            try (ResultSet keys = statement.getGeneratedKeys()) {
                assertThat(keys.next()).isTrue();
                assertThat(keys.getLong(1)).isBetween(300_000L, 310_000L);
            }
        }
        assertThat(stored()).hasSize(6);
    }

    @Test
    void givesAThousandKeysToFiftyClientsOverTwoProxies() throws Exception {
        var told = new ConcurrentHashMap<String, Long>();
        var clients = new ArrayList<java.util.concurrent.Callable<?>>();
        for (int number = 0; number < 50; number++) {
            int client = number;
            TestProxy proxy = client % 2 == 0 ? one : two;
            String parameters = client % 4 < 2 ? "useServerPrepStmts=true" : "";
            clients.add(() -> {
                try (Connection connection = proxy.connect(parameters)) {
                    for (int n = 0; n < 20; n++) {
                        String name = "c" + client + "n" + n;
                        told.put(name, insert(connection, name));
                    }
                }
                return client;
            });
        }
        inParallel(clients);
        assertThat(told).hasSize(1000);
        assertThat(told.values()).doesNotHaveDuplicates().allMatch(key -> key % 64 == 0);
        assertThat(stored()).isEqualTo(told);
    }

    @Test
    void movesOnPastAGivenKey() throws SQLException {
        draw(one, "first");
        give(one, 1_000_000);
        assertThat(draw(one, "after")).isGreaterThan(1_000_000);
        assertThat(draw(two, "elsewhere")).isGreaterThan(1_000_000);
    }

    @Test
    void goesOnAboveADumpThatWasRestored() throws SQLException {
        give(one, 64, 128, 192, 640, 6400, 12_800);
        assertThat(draw(two, "after")).isGreaterThan(12_800);
        assertThat(draw(one, "after too")).isGreaterThan(12_800);
    }

    @Test
    void goesOnAboveWhatWasStoredBeforeItBegan() throws SQLException {
        try (Connection node = one.onShard(2);
                Statement statement = node.createStatement()) {
            statement.execute("INSERT INTO users (user_id, name) VALUES (6400, 'direct')");
        }
        assertThat(draw(one, "after")).isGreaterThan(6400);
    }

    @Test
    void refusesAKeyThatAnotherProxyMayDraw() throws SQLException {
        try (TestProxy hasty =
                one.another(
                        Map.of("sequence.block-size", "10", "sequence.acquire-timeout", "300ms"))) {
            long drawn = draw(one, "first");
            assertThatThrownBy(() -> give(hasty, drawn + 64))
                    .hasMessageContaining("SW-4033")
                    .hasMessageContaining("proxy " + one.proxy().number());
            give(hasty, drawn + 65);
            give(one, drawn + 64);
            assertThat(draw(one, "next")).isGreaterThan(drawn + 65);
        }
    }

    @Test
    void givesNoKeyTwiceAfterAProxyWasStopped() throws SQLException {
        long last = draw(two, "first");
        two.close();
        two = one.another(SMALL_BLOCKS);
        assertThat(draw(two, "second")).isGreaterThan(last);
    }

    @Test
    void givesNoKeyTwiceWhenAProxyIsKilled() throws Exception {
        var told = new ConcurrentHashMap<String, Long>();
        for (int life = 0; life < 2; life++) {
            int now = life;
            try (ChildProxy child =
                    ChildProxy.startMissedSoon(
                            one, Map.of("sequence.block-size", "10", "proxy.name", "killed"))) {
                var clients = new ArrayList<java.util.concurrent.Callable<?>>();
                for (int number = 0; number < 10; number++) {
                    int client = number;
                    clients.add(() -> insertUntilLost(child, "l" + now + "c" + client, told));
                }
                clients.add(() -> {
                    NodeSide.until("keys are drawn", () -> told.size() > (now + 1) * 100);
                    child.kill();
                    return now;
                });
                inParallel(clients);
            }
        }
        Map<String, Long> stored = stored();
        assertThat(stored).containsAllEntriesOf(told);
        assertThat(stored.values()).doesNotHaveDuplicates();
    }

    private int insertUntilLost(ChildProxy child, String name, Map<String, Long> told)
            throws SQLException {
        String url = one.url().replace(":" + one.proxy().port(), ":" + child.port());
        int n = 0;
        try (Connection connection = DriverManager.getConnection(url, "app", "app")) {
            while (true) {
                String row = name + "n" + n++;
                told.put(row, insert(connection, row));
            }
        } catch (SQLException lost) {
            assertThat(lost.getMessage()).doesNotContain("Duplicate");
        }
        return n;
    }

    @Test
    void showsSequences() throws SQLException {
        long drawn = draw(one, "first");
        try (Connection admin = one.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            // Drivers do not know that it answers with rows.
            assertThat(statement.execute("SHARDWAY SHOW SEQUENCES")).isTrue();
            ResultSet row = statement.getResultSet();
            assertThat(row.next()).isTrue();
            assertThat(row.getString("keyspace")).isEqualTo(one.keyspace());
            assertThat(row.getString("table")).isEqualTo("users");
            assertThat(row.getLong("next")).isGreaterThan(drawn);
            assertThat(row.getString("blocks"))
                    .contains("proxy " + one.proxy().number() + ": " + drawn + " to ");
            assertThat(row.next()).isFalse();
        }
    }
}
