package io.shardway.cli.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.mysql.cj.jdbc.JdbcStatement;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The statements of {@link SpreadWork}. Stateless. */
final class SpreadSql {

    static final int TOP = 10;
    static final int KEYS = 10;
    static final int ROWS = 100;
    static final int FILE_ROWS = 20_000;

    static final String AGGREGATE = "SELECT COUNT(*), SUM(k), MAX(k) FROM bench_users";
    static final String GROUPS =
            "SELECT LEFT(c, 2) AS g, COUNT(*) AS n, AVG(k) FROM bench_users GROUP BY g HAVING n > 1"
                    + " ORDER BY g";
    static final String GROUPS_BY_HAND =
            "SELECT LEFT(c, 2) AS g, COUNT(*), SUM(k) FROM bench_users GROUP BY g";
    static final String TOP_10 =
            "SELECT k, user_id FROM bench_users ORDER BY k DESC, user_id LIMIT " + TOP;

    private SpreadSql() {}

    static List<Long> keys(RandomGenerator random, int users, int count) {
        return random.longs(count, 1, users + 1L).boxed().toList();
    }

    static List<Long> newKeys(RandomGenerator random, int rows) {
        return random.longs(rows, 1, 1L << 52).distinct().boxed().toList();
    }

    static String select(List<Long> keys) {
        return "SELECT user_id, c FROM bench_users WHERE user_id IN (%s)"
                .formatted(keys.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }

    static String insert(List<Long> keys) {
        return keys.stream()
                .map(key -> "(" + key + ", 5, '01234567890-01234567890-01234567890-01234567890')")
                .collect(
                        Collectors.joining(
                                ", ", "INSERT INTO bench_inserts (user_id, k, c) VALUES ", ""));
    }

    static void load(Connection connection, List<Long> keys) throws SQLException {
        var file = new StringBuilder(keys.size() * 64);
        for (long key : keys) {
            file.append(key).append("\t5\t01234567890-01234567890-01234567890-01234567890\n");
        }
        try (Statement statement = connection.createStatement()) {
            statement
                    .unwrap(JdbcStatement.class)
                    .setLocalInfileInputStream(
                            new ByteArrayInputStream(file.toString().getBytes(US_ASCII)));
            statement.execute(
                    "LOAD DATA LOCAL INFILE 'bench' INTO TABLE bench_inserts (user_id, k, c)");
        }
    }

    static String update(long key) {
        return "UPDATE bench_users SET k = k + 1 WHERE user_id = " + key;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** All rows, as numbers where they are some. */
    static List<List<Long>> numbers(Connection connection, String sql) throws SQLException {
        var rows = new ArrayList<List<Long>>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                var row = new ArrayList<Long>();
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getLong(column));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    static int rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int rows = 0;
            while (result.next()) {
                result.getString(2);
                rows++;
            }
            return rows;
        }
    }
}
