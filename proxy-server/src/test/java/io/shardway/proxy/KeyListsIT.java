package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads that name several keys go to the owners of these keys, and find the same rows. */
@Timeout(120)
class KeyListsIT {

    private static final int USERS = 24;

    /** With a place for a condition on the key, which is a.user_id. */
    private static final List<String> READS =
            List.of(
                    "SELECT user_id, n FROM items a WHERE %s",
                    "SELECT user_id, note FROM items a WHERE n > 1 AND %s ORDER BY user_id",
                    "SELECT COUNT(*), SUM(n) FROM items a WHERE %s",
                    "SELECT n, COUNT(*) FROM items a WHERE (%s) AND n IS NOT NULL GROUP BY n",
                    "SELECT note, AVG(n) FROM items a WHERE %s GROUP BY note ORDER BY note",
                    "SELECT note FROM items a WHERE %s ORDER BY note, user_id LIMIT 3",
                    "SELECT user_id FROM items a WHERE %s FOR UPDATE",
                    "SELECT b.user_id FROM items b JOIN items a ON a.n = b.n WHERE %s",
                    "SELECT a.user_id, t.tag FROM items a LEFT JOIN tags t ON t.tag = a.n WHERE %s",
                    "SELECT t.user_id, a.n FROM tags t LEFT JOIN items a ON t.tag = a.n WHERE %s",
                    "SELECT tag FROM tags WHERE tag IN (SELECT n FROM items a WHERE %s)",
                    "SELECT n FROM items a WHERE %s UNION SELECT tag FROM tags",
                    "SELECT n FROM items b WHERE EXISTS (SELECT 1 FROM tags a WHERE %s AND"
                            + " a.tag = b.n)");

    private static Twin twin;
    private static NodeSide nodes;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE items (user_id BIGINT NOT NULL PRIMARY KEY, n INT, note"
                                + " VARCHAR(20))",
                        "CREATE TABLE tags (user_id BIGINT NOT NULL, tag INT NOT NULL,"
                                + " PRIMARY KEY (user_id, tag))");
        nodes = new NodeSide(twin.proxy());
        for (int user = 1; user <= USERS; user++) {
            twin.define(
                    "INSERT INTO items VALUES (%d, %d, 'note %d')"
                            .formatted(user, user % 5, user % 3),
                    "INSERT INTO tags VALUES (%d, %d)".formatted(user, user % 7));
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @AfterEach
    void nothingIsLeft() {
        nodes.awaitClean();
    }

    private static String sorted(ResultSet rows) throws SQLException {
        var lines = new ArrayList<String>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            var line = new StringBuilder();
            for (int column = 1; column <= columns; column++) {
                line.append(rows.getString(column)).append(' ');
            }
            lines.add(line.toString());
        }
        lines.sort(null);
        return lines.toString();
    }

    private static String answer(Connection connection, String sql, List<Object> values)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int value = 0; value < values.size(); value++) {
                statement.setObject(value + 1, values.get(value));
            }
            return sorted(statement.executeQuery());
        }
    }

    /** Awkward values among plain ones. */
    private static String value(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> "NULL";
            case 1 -> "'7'";
            case 2 -> "8.0";
            case 3 -> "-1";
            case 4 -> "9e0";
            case 5 -> "99999999999999999999";
            default -> "" + (1 + random.nextInt(USERS));
        };
    }

    private static String condition(Random random) {
        int count = 1 + random.nextInt(4);
        List<String> values = new ArrayList<>();
        for (int each = 0; each < count; each++) {
            values.add(value(random));
        }
        return switch (random.nextInt(4)) {
            case 0 ->
                    values.stream()
                            .map(each -> "a.user_id = " + each)
                            .collect(Collectors.joining(" OR ", "(", ")"));
            case 1 -> "a.user_id NOT IN (" + String.join(", ", values) + ")";
            default -> "a.user_id IN (" + String.join(", ", values) + ")";
        };
    }

    @Test
    void rowsAreThoseOfOneMySql() throws SQLException {
        long seed = Long.getLong("shardway.lists.seed", 11);
        var random = new Random(seed);
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            try (Connection proxied = twin.proxied(parameters);
                    Connection direct = twin.direct(parameters)) {
                for (int round = 0; round < 12; round++) {
                    for (String read : READS) {
                        String sql = read.formatted(condition(random));
                        assertThat(answer(proxied, sql, List.of()))
                                .as("seed %d: %s", seed, sql)
                                .isEqualTo(answer(direct, sql, List.of()));
                    }
                }
            }
        }
    }

    @Test
    void parametersAreKeysToo() throws SQLException {
        List<Object> odd = List.of(3L, "4", 5.0, 6, new java.math.BigDecimal("7.00"));
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            try (Connection proxied = twin.proxied(parameters);
                    Connection direct = twin.direct(parameters)) {
                for (String read : READS) {
                    for (List<Object> values :
                            List.of(List.<Object>of(1, 2, 3), List.<Object>of(20L, 20L, 21L))) {
                        String sql = read.formatted("a.user_id IN (?, ?, ?)");
                        assertThat(answer(proxied, sql, values))
                                .as(sql)
                                .isEqualTo(answer(direct, sql, values));
                    }
                    String sql = read.formatted("a.user_id IN (?, ?, ?, ?, ?)");
                    assertThat(answer(proxied, sql, odd))
                            .as(sql)
                            .isEqualTo(answer(direct, sql, odd));
                }
            }
        }
    }

    @Test
    void othersShardsAreNotAsked() throws SQLException {
        long one = twin.proxy().keyOn(1, 0);
        long other = twin.proxy().keyOn(1, 1);
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            try (Connection client = twin.proxied(parameters);
                    Connection node = twin.proxy().onShard(2)) {
                TestProxy.run(node, "LOCK TABLES items WRITE, tags WRITE");
                TestProxy.run(client, "SHARDWAY SET scatter = off");
                for (String read : READS.subList(0, 7)) {
                    answer(client, read.formatted("a.user_id IN (?, ?)"), List.of(one, other));
                    answer(
                            client,
                            read.formatted("a.user_id IN (%d, %d)".formatted(one, other)),
                            List.of());
                    answer(
                            client,
                            read.formatted("(a.user_id = %d OR a.user_id = ?)".formatted(one)),
                            List.of(other));
                }
                TestProxy.run(node, "UNLOCK TABLES");
            }
        }
        try (Connection client = twin.proxied("")) {
            String list = "a.user_id IN (%d, %d)".formatted(one, other);
            for (String read : READS.subList(0, 7)) {
                assertThat(SideBySide.describe(client, "SHARDWAY EXPLAIN " + read.formatted(list)))
                        .contains(", s1, ");
            }
            String joined = "SHARDWAY EXPLAIN " + READS.get(7).formatted(list);
            assertThat(SideBySide.describe(client, joined)).contains(", s1,s2, ");
        }
    }
}
