package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files whose records leave an AUTO_INCREMENT column to be drawn, side by side with one MySQL
 * server: the shard key ({@code users}), and another column ({@code orders}). Ids are named by the
 * order in which they turn up.
 */
class DrawnLoadIT {

    private static LoadFixture loads;

    private DrawnSide here;
    private DrawnSide there;

    @BeforeAll
    static void start() throws SQLException {
        loads =
                LoadFixture.start(
                        "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name"
                                + " VARCHAR(10) NOT NULL, n INT, UNIQUE KEY (n, user_id))",
                        "CREATE TABLE orders (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id"
                                + " BIGINT NOT NULL, name VARCHAR(10), n INT, UNIQUE KEY (user_id, n))");
    }

    @AfterAll
    static void stop() throws SQLException {
        loads.close();
    }

    @BeforeEach
    void clear() throws SQLException {
        here = new DrawnSide(loads.both().proxied());
        there = new DrawnSide(loads.both().direct());
        for (String sql :
                List.of(
                        "DELETE FROM users",
                        "DELETE FROM orders",
                        "SET sql_mode = DEFAULT",
                        "SELECT LAST_INSERT_ID(5)")) {
            for (DrawnSide side : List.of(here, there)) {
                TestProxy.run(side.connection(), sql);
            }
        }
    }

    /** The same is told, and stored but for the ids. */
    private void same(String into, String file) throws SQLException {
        String sql = "LOAD DATA LOCAL INFILE 'x' " + into;
        String table = into.contains("users") ? "users" : "orders";
        for (DrawnSide side : List.of(here, there)) {
            side.told().add(LoadFixture.load(side.connection(), sql, file));
            side.told().add(side.after());
        }
        assertThat(here.told()).isEqualTo(there.told());
        String columns = table.equals("users") ? "user_id, name, n" : "id, user_id, name, n";
        String rows = "SELECT " + columns + " FROM " + table;
        List<Connection> nodes = List.of(loads.proxy().onShard(1), loads.proxy().onShard(2));
        assertThat(rows(here, nodes, rows)).as(sql).isEqualTo(rows(there, List.of(alone()), rows));
    }

    private static Connection alone() throws SQLException {
        return loads.proxy().cluster().primary(1).connect(SideBySide.directSchema(loads.proxy()));
    }

    private static Map<String, Set<String>> rows(DrawnSide side, List<Connection> nodes, String sql)
            throws SQLException {
        var ids = new TreeMap<String, Set<Long>>();
        var all = new HashSet<Long>();
        for (Connection node : nodes) {
            try (node;
                    Statement statement = node.createStatement();
                    ResultSet found = statement.executeQuery(sql)) {
                while (found.next()) {
                    int columns = found.getMetaData().getColumnCount();
                    var row = new ArrayList<String>();
                    for (int column = 2; column <= columns; column++) {
                        row.add(found.getString(column));
                    }
                    ids.computeIfAbsent(row.toString(), _ -> new TreeSet<>()).add(found.getLong(1));
                    assertThat(all.add(found.getLong(1))).isTrue();
                }
            }
        }
        var rows = new TreeMap<String, Set<String>>();
        ids.forEach((row, each) ->
                rows.put(row, each.stream().map(side::name).collect(Collectors.toSet())));
        return rows;
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(n -> (n % 7 + 1) + "\tname" + n % 9 + "\t" + n + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void drawsWhereTheColumnIsLeftOut() throws SQLException {
        String orders = "INTO TABLE orders (user_id, name, n)";
        same(orders, lines(0, 3));
        same(orders, "");
        same(orders, lines(3, 40));
        same(orders, lines(40, 3000));
        same(
                "INTO TABLE orders CHARACTER SET utf8mb4 (user_id, @a, n) SET name = UPPER(@a)",
                lines(3000, 3050));
        same("INTO TABLE orders (user_id, name, n)", "5\tx\t9001");
        same("INTO TABLE orders (user_id, name, n)", "5\n6\n5\tx\t9002\tmore\n");
        same(
                "INTO TABLE orders (user_id, name, n)",
                "5\ttoo long for it\t9003\n6\tx\tabc\n7\t\\N\t\\N\n");
        same(
                "INTO TABLE orders FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES STARTING BY"
                        + " '>>' TERMINATED BY '\\r\\n' IGNORE 1 LINES (user_id, name, n)",
                "user,name,n\r\nxx>>7,\"a,\"\"b\",9100\r\n>>6,NULL,9101\r\n>>\"5\",\"c\r\nd\",9102");
    }

    @Test
    void drawsShardKeysThatAreLeftOut() throws SQLException {
        same("INTO TABLE users (name, n)", "a\t1\nb\t2\n\\N\t3\n\tx\nlonger than ten\t4\te\n");
        same("INTO TABLE users (name, n)", "");
        same(
                "INTO TABLE users (name, n)",
                IntStream.range(10, 2000)
                        .mapToObj(n -> "u" + n + "\t" + n + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void drawsWhereTheFileAsksForIt() throws SQLException {
        String orders = "INTO TABLE orders (user_id, id, n)";
        same(orders, "1\t0\t1\n2\t\\N\t2\n3\t0\t3\n4\t00\t4\n");
        same(orders, "1\t5000001\t5\n2\t0\t6\n1\t5000192\t7\n2\t5000256\t8\n3\t\\N\t9\n");
        same("INTO TABLE orders (id, user_id, n)", "0\t1\t10\n\\N\t2\t11\n0\t3\t12");
        same("INTO TABLE orders (n, user_id, id)", "20\t1\t0\n21\t2\t\\N\n22\t3\t0");
        same(
                "INTO TABLE orders FIELDS TERMINATED BY '||' ENCLOSED BY '\"' (n, id, user_id)",
                "\"30\"||\"0\"||\"1\"\n\"31\"||NULL||2\n32||0||\"3\"\n");
    }

    @Test
    void drawsShardKeysThatTheFileAsksFor() throws SQLException {
        same(
                "INTO TABLE users",
                "0\ta\t1\n\\N\tb\t2\n6000001\tc\t3\n0\td\t4\n6000064\te\t5\n0\tf\t6\n");
        same("INTO TABLE users (n, user_id, name)", "7\t0\tg\n8\t\\N\th\n9\t-3\ti");
    }

    @Test
    void zeroIsAnIdWhereTheModeSaysSo() throws SQLException {
        loads.both().same("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')");
        same("INTO TABLE orders (user_id, id, n)", "1\t0\t1\n2\t7\t2\n3\t\\N\t9\n");
        same("INTO TABLE orders (user_id, n)", "1\t3\n2\t4\n");
    }

    @Test
    void zeroIsAKeyWhereTheModeSaysSo() throws SQLException {
        loads.both().same("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')");
        same("INTO TABLE users (user_id, name, n)", "0\ta\t1\n8\tb\t2\n\\N\tc\t3\n");
        same("INTO TABLE users (name, n)", "c\t3\nd\t4\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "IGNORE ", "REPLACE "})
    void tellsTheFirstIdThatWasStored(String duplicates) throws SQLException {
        String orders = duplicates + "INTO TABLE orders (user_id, name, n)";
        same(orders, lines(0, 30));
        same(orders, lines(10, 40));
        same(orders, lines(0, 30));
        same(orders, lines(0, 29) + lines(40, 41));
        same(duplicates + "INTO TABLE orders (user_id, id, n)", "1\t70001\t9\n2\t70002\t10\n");
        loads.both().same("BEGIN");
        same(orders, lines(100, 101));
        same(orders, lines(102, 103));
        loads.both().same("COMMIT");
        same(orders, lines(105, 125));
    }

    @Test
    void whatFailsLeavesTheLastIdAsItWas() throws SQLException {
        same("INTO TABLE orders (user_id, name, n)", lines(0, 30));
        long before = last();
        String told =
                LoadFixture.load(
                        here.connection(),
                        "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, id, n)",
                        "1\t0\t50\n2\t 5\t51\n");
        assertThat(told).contains("SW-2031").contains("record 2");
        assertThat(last()).isEqualTo(before);
        loads.both().same("SELECT COUNT(*) FROM orders");
        for (String file :
                List.of("1\t\t50\n", "1\n", "1\t1.0\t50\n", "1\t5x\t50\n", "1\t-0\t50\n")) {
            assertThat(
                            LoadFixture.load(
                                    here.connection(),
                                    "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, id, n)",
                                    file))
                    .as(file)
                    .contains("SW-2031");
        }
        assertThat(
                        LoadFixture.load(
                                here.connection(),
                                "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, id) SET n = id",
                                "1\t0\n"))
                .contains("SW-2031");
        assertThat(
                        LoadFixture.load(
                                here.connection(),
                                "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders FIELDS TERMINATED BY '1'"
                                        + " (user_id, n)",
                                "2150\n"))
                .contains("SW-2031");
    }

    private long last() throws SQLException {
        try (Statement statement = here.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT LAST_INSERT_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void keysAreNotDrawnForOneShardByChance() throws SQLException {
        try (Connection client = loads.client();
                Statement statement = client.createStatement()) {
            statement.execute("SHARDWAY SET transaction_mode = single");
            String sql = "LOAD DATA LOCAL INFILE 'x' INTO TABLE users (name)";
            assertThat(LoadFixture.load(client, sql, "a\nb\n")).contains("SW-2007");
            assertThat(LoadFixture.load(client, sql, "a\n")).startsWith("affected 1 ");
        }
    }

    @Test
    void nobodyDrawsTheSame() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (int number = 0; number < 6; number++) {
                int client = number;
                clients.add(
                        threads.submit(() -> {
                            try (Connection connection = loads.client()) {
                                insert(connection, client);
                                return client;
                            }
                        }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        var ids = new ArrayList<Long>();
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = loads.proxy().onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet found = statement.executeQuery("SELECT id FROM orders")) {
                while (found.next()) {
                    ids.add(found.getLong(1));
                }
            }
        }
        assertThat(ids).hasSize(3 * 1000 + 3 * 60).doesNotHaveDuplicates();
    }

    private static void insert(Connection connection, int client) throws SQLException {
        if (client % 2 == 0) {
            String file =
                    IntStream.range(0, 1000)
                            .mapToObj(n -> n % 5 + "\t" + (client * 1000 + n) + "\n")
                            .collect(Collectors.joining());
            assertThat(
                            LoadFixture.load(
                                    connection,
                                    "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, n)",
                                    file))
                    .startsWith("affected 1000 ");
            return;
        }
        try (Statement statement = connection.createStatement()) {
            for (int n = 0; n < 20; n++) {
                int from = client * 100_000 + 3 * n;
                statement.execute("INSERT INTO orders (user_id, n) VALUES (1, " + from + ")");
                statement.execute(
                        "INSERT INTO orders (user_id, n) VALUES (2, %d), (3, %d)"
                                .formatted(from + 1, from + 2));
            }
        }
    }

    @Test
    void allIdsThatAColumnHoldsAreDrawn() throws SQLException {
        TestProxy.run(
                here.connection(),
                "CREATE TABLE small (id SMALLINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT"
                        + " NOT NULL)");
        String sql = "LOAD DATA LOCAL INFILE 'x' INTO TABLE small (user_id)";
        String five = "1\n2\n3\n4\n5\n";
        assertThat(LoadFixture.load(here.connection(), sql, five.repeat(100)))
                .startsWith("affected 500 ");
        assertThat(LoadFixture.load(here.connection(), sql, five.repeat(20)))
                .contains("error 1467")
                .contains("SW-4032");
        assertThat(
                        SideBySide.describe(
                                here.connection(),
                                "SELECT COUNT(*), COUNT(DISTINCT id) FROM small"))
                .endsWith("|500, 500, ");
    }

    @Test
    void whoWaitsForIdsCanBeKilled() throws Exception {
        same("INTO TABLE orders (user_id, name, n)", lines(0, 3));
        try (Connection client = loads.client();
                Connection node = loads.proxy().onShard(1);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            TestProxy.run(node, "BEGIN");
            TestProxy.run(
                    node,
                    "SELECT * FROM shardway.sequences WHERE keyspace_name = '"
                            + loads.proxy().keyspace()
                            + "' FOR UPDATE");
            Future<String> told =
                    threads.submit(() ->
                            LoadFixture.load(
                                    client,
                                    "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, name, n)",
                                    lines(10, 5000)));
            NodeSide.until("it waits", () -> isLoading(client));
            TestProxy.run(here.connection(), "KILL QUERY " + id(client));
            assertThat(told.get()).contains("error 1317");
            TestProxy.run(node, "ROLLBACK");
            assertThat(
                            LoadFixture.load(
                                    client,
                                    "LOAD DATA LOCAL INFILE 'x' INTO TABLE orders (user_id, name, n)",
                                    lines(10, 5000)))
                    .startsWith("affected 4990 ");
        }
    }

    private boolean isLoading(Connection client) throws SQLException {
        try (Statement statement = here.connection().createStatement();
                ResultSet rows = statement.executeQuery("SHOW PROCESSLIST")) {
            while (rows.next()) {
                if (rows.getLong("Id") == id(client)
                        && String.valueOf(rows.getString("State")).contains("waits for")) {
                    return true;
                }
            }
            return false;
        }
    }

    private static long id(Connection client) throws SQLException {
        return client.unwrap(JdbcConnection.class).getSession().getThreadId();
    }
}
