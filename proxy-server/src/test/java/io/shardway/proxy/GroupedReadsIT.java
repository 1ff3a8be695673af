package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.difftest.Answer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reads that each shard groups first and MySQL finishes, beside one MySQL. The proxy assembles no
 * more rows than there are groups.
 */
@Timeout(240)
class GroupedReadsIT {

    private static final int ROWS = 3000;
    private static final int GROUPS = 90;

    private static TestProxy proxy;
    private static NodeSide nodes;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("assemble.rows-max", "" + ROWS / 2));
        nodes = new NodeSide(proxy);
        SideBySide.prepare(
                proxy,
                "CREATE TABLE sums (user_id BIGINT NOT NULL, n INT NOT NULL, g INT, t VARCHAR(10),"
                        + " a DECIMAL(12,2), b DECIMAL(12,5), c DECIMAL(20,7), i INT, f DOUBLE,"
                        + " day DATE, at TIMESTAMP NULL, e ENUM('x','y'), PRIMARY KEY (user_id, n))",
                "CREATE TABLE few (user_id BIGINT NOT NULL PRIMARY KEY, g INT, f DOUBLE, day DATE,"
                        + " at TIMESTAMP NULL, e ENUM('x','y'), s SET('p','q'), j JSON, t TEXT)",
                "CREATE TABLE ties (user_id BIGINT NOT NULL PRIMARY KEY, g INT, i INT)");
        try (SideBySide both = SideBySide.open(proxy)) {
            both.same("SET sql_mode = ''");
            try (Statement statement = both.proxied().createStatement()) {
                statement.execute("SHARDWAY SET transaction_mode = best_effort");
            }
            both.same(
                    "INSERT INTO few VALUES (1, 1, 0.1, '2024-01-00', '2024-10-27 00:30:00', 'x', 'p',"
                            + " '[1]', 'a'), (2, 2, 0.2, '2024-01-00', NULL, '', 'p,q', '[1]', 'A'),"
                            + " (3, 1, 0.3, '2024-02-01', '2024-10-27 01:30:00', NULL, '', NULL, NULL)");
            both.same(
                    IntStream.range(0, 401)
                            .mapToObj(row ->
                                    "(%d, %d, %d)"
                                            .formatted(
                                                    row, row < 200 ? 1 : 2, row % 200 == 0 ? 1 : 0))
                            .collect(Collectors.joining(", ", "INSERT INTO ties VALUES ", ""))
                            .replace("(400, 2, 1)", "(400, 2, 0)"));
            var random = new Random(11);
            for (int from = 0; from < ROWS; from += 500) {
                var rows = new StringJoiner(", ");
                for (int row = from; row < from + 500; row++) {
                    rows.add(row(random, row));
                }
                insert(both.proxied(), rows.toString());
                insert(both.direct(), rows.toString());
            }
        }
    }

    private static void insert(Connection connection, String rows) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("INSERT INTO sums VALUES " + rows)).isEqualTo(500);
        }
    }

    private static String row(Random random, int row) {
        return ("(%d, %d, %d, '%s', %d.%02d, %d.%05d, %s%d.%07d, %d, %s, '2024-%02d-%02d',"
                        + " '2024-10-%02d 0%d:30:00', 'x')")
                .formatted(
                        row % 40,
                        row,
                        random.nextInt(GROUPS),
                        "t" + random.nextInt(7),
                        random.nextInt(2000),
                        random.nextInt(100),
                        random.nextInt(2000),
                        random.nextInt(100_000),
                        random.nextBoolean() ? "-" : "",
                        random.nextInt(1_000_000),
                        random.nextInt(10_000_000),
                        random.nextInt() / (1 + random.nextInt(1000)),
                        random.nextDouble(),
                        1 + random.nextInt(3),
                        1 + random.nextInt(28),
                        1 + random.nextInt(28),
                        random.nextInt(10));
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() {
        nodes.awaitClean();
    }

    private static void compare(String parameters, List<String> before, List<String> statements)
            throws SQLException {
        var different = new ArrayList<String>();
        try (SideBySide both = SideBySide.open(proxy, parameters)) {
            both.same(before);
            boolean prepared = parameters.contains("useServerPrepStmts=true");
            for (String sql : statements) {
                Answer here = Answer.of(both.proxied(), proxy.keyspace(), sql, prepared);
                Answer there =
                        Answer.of(both.direct(), SideBySide.directSchema(proxy), sql, prepared);
                if (!here.equals(there)) {
                    different.add("\n" + sql + "\n  MySQL: " + there + "\n  proxy: " + here);
                }
            }
        }
        assertThat(different).isEmpty();
    }

    /** Averages are rounded where they are shown, and not where something is made of them. */
    private static List<String> averages() {
        return List.of(
                "SELECT g, AVG(a), AVG(b), AVG(c), AVG(i) FROM sums GROUP BY g ORDER BY g",
                "SELECT g, ROUND(AVG(a), 3), ROUND(AVG(b), 4), ROUND(AVG(i), 2) FROM sums GROUP BY g"
                        + " ORDER BY g",
                "SELECT g, ROUND(AVG(i)) AS r, AVG(b) BETWEEN 900 AND 1000.5 FROM sums GROUP BY g ORDER"
                        + " BY g",
                "SELECT g, t FROM sums GROUP BY g, t HAVING AVG(a) > 1000.123456 AND AVG(i) <"
                        + " 100000.33333 ORDER BY AVG(a), g LIMIT {100}",
                "SELECT t AS k, AVG(a) AS m FROM sums GROUP BY k HAVING m > ROUND(m, 3) ORDER BY m",
                "SELECT g FROM sums GROUP BY g HAVING AVG(a) > 1000.111111 ORDER BY AVG(b), g",
                "SELECT g, AVG(i) FROM ties GROUP BY g ORDER BY AVG(i), g",
                "SELECT g, AVG(i) AS m FROM ties GROUP BY g ORDER BY m DESC, g DESC",
                "SELECT g FROM ties GROUP BY g HAVING AVG(i) < 0.0050",
                "SELECT g, AVG(i) AS m, ROUND(AVG(i), 3) FROM ties GROUP BY g HAVING m < 0.0050",
                "SELECT AVG(a), ROUND(AVG(b), 4), COUNT(*), COUNT(DISTINCT g) FROM sums",
                "SELECT AVG(DISTINCT i), SUM(DISTINCT a) FROM sums WHERE g < {5}",
                "SELECT t, AVG(a), SUM(a) / COUNT(*) FROM sums GROUP BY t WITH ROLLUP",
                "SELECT g, IF(AVG(i) > 0, 'up', 'down') AS way FROM sums GROUP BY g ORDER BY g");
    }

    @Test
    void averagesAreThoseOfOneMySql() throws SQLException {
        compare("", List.of(), averages());
        compare("useServerPrepStmts=true", List.of(), averages());
    }

    @Test
    void parametersStandWhereTheyStood() throws SQLException {
        List<String> statements =
                List.of(
                        "SELECT t, AVG(a), COUNT(*) FROM sums WHERE g > {10} AND i < {50000} GROUP BY t"
                                + " HAVING COUNT(*) > {2} AND MAX(a) > {1.5} ORDER BY t LIMIT {3}",
                        "SELECT DISTINCT t FROM sums WHERE a > {1000} ORDER BY t DESC LIMIT {2}, {3}",
                        "SELECT COUNT(DISTINCT t), AVG(a) FROM sums WHERE user_id IN ({1}, {2}, {7})",
                        "SELECT t, SUM(a) + 1 FROM sums WHERE t <> {'t1'} GROUP BY t ORDER BY 1",
                        "SELECT DATE_FORMAT(day, '%Y-%m') AS m, AVG(a) FROM sums GROUP BY m ORDER BY m");
        compare("useServerPrepStmts=true", List.of(), statements);
        compare("", List.of(), statements);
        compare("", List.of("SET time_zone = '+05:30', sql_mode = 'ANSI'"), statements);
    }

    @Test
    void whatCannotBePutTogetherIsAssembled() throws SQLException {
        List<String> statements =
                List.of(
                        "SELECT day, COUNT(*), AVG(g) FROM few GROUP BY day ORDER BY day",
                        "SELECT DATE(day) AS d, AVG(g) FROM few GROUP BY d ORDER BY d",
                        "SELECT e, AVG(g), COUNT(*) FROM few GROUP BY e ORDER BY e",
                        "SELECT s, AVG(g) FROM few GROUP BY s ORDER BY s",
                        "SELECT AVG(f), COUNT(*), MAX(g) FROM few",
                        "SELECT MAX(at), AVG(g) FROM few",
                        "SELECT AVG(g) * 3, AVG(g / 0), CONCAT(AVG(g)), FLOOR(AVG(g)) FROM few",
                        "SELECT ROUND(AVG(user_id / 7), 9), TRUNCATE(AVG(user_id / 7), 2) FROM few",
                        "SELECT g FROM few GROUP BY g HAVING AVG(user_id) = ROUND(AVG(user_id), 9)",
                        "SELECT g, AVG(user_id) AS m FROM few GROUP BY g HAVING m = ROUND(m, 6)",
                        "SELECT g, SUM(user_id) + {1} FROM few WHERE g < {5} GROUP BY g ORDER BY g",
                        "SELECT DISTINCT JSON_EXTRACT(j, '$[0]') FROM few ORDER BY 1",
                        "SELECT g, SUM(g / 0), AVG(g) FROM few GROUP BY g ORDER BY g",
                        "SELECT MIN(LOWER(t)), AVG(CHAR_LENGTH(t)) FROM few",
                        "SELECT GROUP_CONCAT(g ORDER BY user_id), AVG(g) FROM few",
                        "SELECT g, AVG(nothing) FROM few GROUP BY g",
                        "SELECT t, g, AVG(f) FROM few GROUP BY t",
                        "SELECT AVG(g) FROM few WHERE CAST(t AS SIGNED) = 1");
        compare("", List.of(), statements);
        compare("useServerPrepStmts=true", List.of("SET sql_mode = ''"), statements);
        compare("characterEncoding=latin1", List.of(), statements);
        compare("", List.of("SET div_precision_increment = 9"), statements);
    }

    @Test
    void aTransactionSeesItsOwnWrites() throws SQLException {
        try (SideBySide both = SideBySide.open(proxy)) {
            both.same("START TRANSACTION");
            both.same("UPDATE few SET g = 100 WHERE user_id = 2");
            both.same("SELECT AVG(g), COUNT(*) FROM few");
            both.same("SELECT DISTINCT g + 1 FROM few ORDER BY 1");
            both.same("ROLLBACK");
            both.same("SELECT AVG(g), COUNT(*) FROM few");
            both.same("START TRANSACTION READ ONLY");
            both.same("SELECT AVG(g), COUNT(*) FROM few");
            both.same("COMMIT");
            both.same(
                    "SELECT SQL_CALC_FOUND_ROWS g, AVG(user_id) FROM few GROUP BY g ORDER BY g LIMIT 1");
            both.same("SELECT FOUND_ROWS()");
        }
    }

    @Test
    void theNumberOfGroupsIsWhatIsBounded() throws SQLException {
        try (Connection connection = proxy.connect()) {
            assertThat(SideBySide.describe(connection, "SELECT DISTINCT n FROM sums"))
                    .contains("SW-5021", "shardway_partials");
            assertThat(SideBySide.describe(connection, "SELECT COUNT(*), AVG(a) FROM sums"))
                    .contains("|" + ROWS + ", ");
            assertThat(SideBySide.describe(connection, "SELECT COUNT(*), STD(a) FROM sums"))
                    .as("a function that is not made of parts")
                    .contains("SW-5021");
        }
    }

    @Test
    void aKillEndsWhatAShardGroups() throws Exception {
        String sql = "SELECT g, AVG(user_id) FROM few GROUP BY g";
        try (Connection node = proxy.onShard(2);
                Connection victim = proxy.connect("socketTimeout=30000");
                Connection killer = proxy.connect();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String id =
                    SideBySide.describe(victim, "SELECT CONNECTION_ID()")
                            .replaceAll(".*\\||, ", "");
            TestProxy.run(node, "LOCK TABLES few WRITE");
            Future<String> waiting = threads.submit(() -> SideBySide.describe(victim, sql));
            nodes.awaitRunning(2, "SELECT g%few%");
            TestProxy.run(killer, "KILL QUERY " + id);
            assertThat(waiting.get(20, TimeUnit.SECONDS)).startsWith("error 1317");
            TestProxy.run(node, "UNLOCK TABLES");
            assertThat(SideBySide.describe(victim, sql)).contains("|1, 2.0000, ");
        }
    }

    @Test
    void itIsExplained() throws SQLException {
        String sql = "SELECT t, AVG(a) FROM sums WHERE g = 5 GROUP BY t";
        try (Connection connection = proxy.connect();
                Connection admin = proxy.connectAsAdmin();
                PreparedStatement explain = connection.prepareStatement("EXPLAIN " + sql);
                ResultSet parts = explain.executeQuery()) {
            assertThat(SideBySide.describe(admin, "SHARDWAY EXPLAIN " + sql))
                    .contains("|finish, ", "each shard groups its rows");
            int shards = 0;
            while (parts.next()) {
                assertThat(parts.getString("Extra")).contains("temporary");
                shards++;
            }
            assertThat(shards).isEqualTo(2);
        }
    }
}
