package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ids of a table that is sharded by another column: drawn by shards and by two proxies at the same
 * time, and given.
 */
class UniqueIdsIT {

    private static final int CLIENTS = 12;
    private static final int STATEMENTS = 40;

    private TestProxy one;
    private TestProxy two;

    @BeforeEach
    void start() throws SQLException {
        one = TestProxy.start(settings("30s"));
        two = one.another(settings("30s"));
        try (Connection connection = one.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id"
                            + " BIGINT NOT NULL, name VARCHAR(40) NOT NULL)");
        }
    }

    @AfterEach
    void stop() {
        two.close();
        one.close();
    }

    private static Map<String, String> settings(String patience) {
        return Map.of(
                "sequence.block-size",
                "10",
                "sequence.acquire-timeout",
                patience,
                "session.transaction-mode",
                "best-effort");
    }

    /** Odd numbers in angle brackets are keys of shard 1, even ones of shard 2. */
    private String keyed(String sql) {
        return Pattern.compile("<(\\d+)>")
                .matcher(sql)
                .replaceAll(number -> Long.toString(key(Integer.parseInt(number.group(1)))));
    }

    private long key(int number) {
        return one.keyOn(number % 2 == 1 ? 1 : 2, number / 2);
    }

    private void run(TestProxy proxy, String... statements) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(keyed(sql));
            }
        }
    }

    /** What is drawn first for two rows on two shards. */
    private long draw(TestProxy proxy) throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    keyed("INSERT INTO orders (user_id, name) VALUES (<1>, 'a'), (<2>, 'b')"),
                    Statement.RETURN_GENERATED_KEYS);
            try (ResultSet keys = statement.getGeneratedKeys()) {
                keys.next();
                return keys.getLong(1);
            }
        }
    }

    /** The ids of all rows by name, from the shards themselves; each there once only. */
    private Map<String, Long> stored() throws SQLException {
        var rows = new HashMap<String, Long>();
        var ids = new ArrayList<Long>();
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = one.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet found = statement.executeQuery("SELECT name, id FROM orders")) {
                while (found.next()) {
                    rows.put(found.getString(1), found.getLong(2));
                    ids.add(found.getLong(2));
                }
            }
        }
        assertThat(ids).doesNotHaveDuplicates();
        return rows;
    }

    @Test
    void shardsAndProxiesNeverDrawTheSame() throws Exception {
        var told = new ConcurrentHashMap<String, Long>();
        var clients = new ArrayList<Callable<?>>();
        for (int number = 0; number < CLIENTS; number++) {
            int client = number;
            clients.add(() -> {
                try (Connection connection =
                        (client % 2 == 0 ? one : two)
                                .connect(client % 4 < 2 ? "useServerPrepStmts=true" : "")) {
                    for (int n = 0; n < STATEMENTS; n++) {
                        insert(connection, client % 3 + 1, "c" + client + "n" + n + "r", told);
                    }
                }
                return client;
            });
        }
        inParallel(clients);
        assertThat(told).hasSize(CLIENTS / 3 * STATEMENTS * (1 + 2 + 3));
        assertThat(stored()).isEqualTo(told);
        assertThat(told.values()).anyMatch(id -> id % 64 == 0).anyMatch(id -> id % 64 == 1);
    }

    private static void inParallel(List<? extends Callable<?>> clients) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            clients.forEach(client -> running.add(threads.submit(client)));
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    /** So many rows in one statement: one row's id is its shard's. */
    private void insert(Connection connection, int rows, String name, Map<String, Long> told)
            throws SQLException {
        String sql =
                "INSERT INTO orders (user_id, name) VALUES (?, ?)" + ", (?, ?)".repeat(rows - 1);
        try (PreparedStatement statement =
                connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
            for (int row = 0; row < rows; row++) {
                statement.setLong(2 * row + 1, key(row + 1));
                statement.setString(2 * row + 2, name + row);
            }
            assertThat(statement.executeUpdate()).isEqualTo(rows);
            try (ResultSet keys = statement.getGeneratedKeys()) {
                for (int row = 0; row < rows; row++) {
                    assertThat(keys.next()).isTrue();
                    told.put(name + row, keys.getLong(1));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders VALUES (#, <1>, 'given')",
                "INSERT INTO orders SET id = #, user_id = <2>, name = UUID()",
                "REPLACE INTO orders VALUES ('#', <2>, 'given')",
                "INSERT INTO orders VALUES (#, <1>, 'given'), (5, <3>, 'too')",
                "INSERT INTO orders VALUES (5, <1>, 'given'), (#, <2>, 'too')",
                "INSERT INTO orders SELECT #, <1>, 'given' UNION ALL SELECT 6, <2>, 'too'"
            })
    void nobodyDrawsWhatIsGiven(String sql) throws SQLException {
        long first = draw(one);
        long beyond = first + 64 * 30;
        run(one, sql.replace("#", Long.toString(beyond)));
        for (int n = 0; n < 30; n++) {
            draw(n % 2 == 0 ? one : two);
        }
        assertThat(stored().values()).contains(beyond);
    }

    @Test
    void whatAnotherProxyMayDrawIsNotGiven() throws SQLException {
        try (TestProxy hasty = one.another(settings("300ms"))) {
            long first = draw(one);
            String given = "INSERT INTO orders VALUES (%d, <1>, 'given')".formatted(first + 256);
            assertThatThrownBy(() -> run(hasty, given))
                    .hasMessageContaining("SW-4033")
                    .hasMessageContaining("proxy " + one.proxy().number());
            // What is there, or below it, nobody draws any more.
            run(
                    hasty,
                    "INSERT INTO orders VALUES (%d, <1>, 'x') ON DUPLICATE KEY UPDATE name = 'there'"
                            .formatted(first),
                    "DELETE FROM orders WHERE id = %d AND user_id = <1>".formatted(first),
                    "INSERT INTO orders VALUES (%d, <1>, 'again')".formatted(first));
            run(one, given);
            run(hasty, "REPLACE INTO orders VALUES (%d, <1>, 'replaced')".formatted(first + 256));
            assertThat(draw(one)).isGreaterThan(first + 256);
            assertThat(stored())
                    .containsEntry("again", first)
                    .containsEntry("replaced", first + 256);
        }
    }

    @Test
    void definitionsSayWhereIdsBegin() throws SQLException {
        run(one, "ALTER TABLE orders AUTO_INCREMENT = 100000");
        assertThat(draw(one)).isBetween(100_000L, 110_000L);
        assertThat(draw(two)).isBetween(100_000L, 110_000L);
        run(two, "INSERT INTO orders (user_id, name) VALUES (<1>, 'shard')");
        assertThat(stored().get("shard")).isGreaterThan(100_000L);
    }

    @Test
    void aProxyBeginsAboveWhatIsStored() throws SQLException {
        for (int row = 0; row < 5; row++) {
            run(one, "INSERT INTO orders (user_id, name) VALUES (<2>, 'shard " + row + "')");
        }
        long stored = stored().get("shard 4");
        assertThat(draw(two)).isGreaterThan(stored);
        run(one, "INSERT INTO orders (user_id, name) VALUES (<2>, 'later')");
        assertThat(stored().get("later") % 64).isEqualTo(stored % 64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TINYINT", "TINYINT UNSIGNED", "SMALLINT"})
    void anIdThatTheColumnCannotHoldIsAnError(String type) throws SQLException {
        run(
                one,
                "CREATE TABLE small (id "
                        + type
                        + " NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL)");
        int max = type.equals("SMALLINT") ? 32_767 : type.contains("UNSIGNED") ? 255 : 127;
        try (Connection connection = one.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET sql_mode = ''");
            int drawn = 0;
            String told = "";
            while (told.isEmpty()) {
                try {
                    statement.execute(keyed("INSERT INTO small (user_id) VALUES (<1>), (<2>)"));
                    drawn += 2;
                } catch (SQLException refused) {
                    told = refused.getErrorCode() + " " + refused.getMessage();
                }
            }
            assertThat(told).startsWith("1467 ").contains("SW-4032");
            try (ResultSet row = statement.executeQuery("SELECT COUNT(*), MAX(id) FROM small")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(drawn);
                assertThat(row.getInt(2)).isLessThanOrEqualTo(max);
            }
            assertThat(drawn).isGreaterThanOrEqualTo(max / 64 - 10);
        }
    }
}
