package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EXPLAIN of what several shards answer or write. */
@Timeout(120)
class ExplainIT {

    private static Twin twin;
    private static NodeSide nodes;
    private static long one;
    private static long two;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT, note"
                                + " VARCHAR(20), PRIMARY KEY (user_id, seq), KEY by_n (n))",
                        "CREATE TABLE regions (id INT NOT NULL PRIMARY KEY, name VARCHAR(9))");
        nodes = new NodeSide(twin.proxy());
        one = twin.proxy().keyOn(1, 0);
        two = twin.proxy().keyOn(2, 0);
        for (long key : List.of(one, two)) {
            twin.define(
                    "INSERT INTO items VALUES (%d, 1, 1, 'a'), (%1$d, 2, 2, 'b')".formatted(key));
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

    private static String keyed(String sql) {
        return sql.replace("$1", "" + one).replace("$2", "" + two);
    }

    /** The names of the columns, then the rows. */
    private static List<List<String>> table(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(keyed(sql))) {
            var table = new ArrayList<List<String>>();
            ResultSetMetaData meta = rows.getMetaData();
            var names = new ArrayList<String>();
            for (int column = 1; column <= meta.getColumnCount(); column++) {
                names.add(meta.getColumnLabel(column) + " " + meta.getColumnTypeName(column));
            }
            table.add(names);
            while (rows.next()) {
                var row = new ArrayList<String>();
                for (int column = 1; column <= names.size(); column++) {
                    row.add(String.valueOf(rows.getString(column)));
                }
                table.add(row);
            }
            return table;
        }
    }

    private static List<String> column(List<List<String>> table, int column) {
        return table.stream().skip(1).map(row -> row.get(column)).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EXPLAIN SELECT * FROM items",
                "DESCRIBE SELECT n, COUNT(*) FROM items GROUP BY n ORDER BY n LIMIT 1, 1",
                "DESC FORMAT = TRADITIONAL SELECT * FROM items WHERE n > 1 ORDER BY user_id",
                "EXPLAIN SELECT n FROM items FORCE INDEX (by_n) WHERE n = 2 FOR UPDATE",
                "EXPLAIN UPDATE items SET note = 'x' WHERE n = 5",
                "EXPLAIN DELETE FROM items",
            })
    void everyShardTellsItsPartInTheColumnsOfMySql(String sql) throws SQLException {
        try (Connection proxied = twin.proxied("");
                Connection direct = twin.direct("")) {
            List<List<String>> expected = table(direct, sql);
            List<List<String>> actual = table(proxied, sql);
            var names = new ArrayList<>(expected.getFirst());
            names.add("shard VARCHAR");
            assertThat(actual.getFirst()).isEqualTo(names);
            assertThat(column(actual, names.size() - 1)).containsExactly("s1", "s2");
            for (int column : List.of(0, 1, 2, 4)) {
                List<String> own = column(expected, column);
                assertThat(column(actual, column)).containsExactly(own.getFirst(), own.getFirst());
            }
            assertThat(SideBySide.describe(proxied, "SHOW WARNINGS")).contains("1003");
            assertThat(SideBySide.describe(proxied, "SELECT COUNT(*) FROM items")).endsWith("|4, ");
        }
    }

    @Test
    void onlyTheOwnersOfListedKeysAreAsked() throws SQLException {
        try (Connection proxied = twin.proxied("")) {
            String sql = "EXPLAIN DELETE FROM items WHERE user_id IN ($2)";
            assertThat(column(table(proxied, sql), 0)).hasSize(1);
            sql = "EXPLAIN DELETE FROM items WHERE user_id IN ($2, $2) AND n = 1";
            assertThat(table(proxied, sql).getLast().getLast()).isEqualTo("s2");
            assertThat(table(proxied, sql)).hasSize(2);
        }
    }

    @Test
    void formatsOfOneColumnHaveTheShardInTheirText() throws SQLException {
        try (Connection proxied = twin.proxied("");
                Connection direct = twin.direct("")) {
            List<List<String>> json =
                    table(proxied, "EXPLAIN FORMAT=JSON SELECT * FROM items WHERE n = 2");
            assertThat(json.getFirst()).containsExactly("EXPLAIN VARCHAR");
            try (PreparedStatement read =
                    direct.prepareStatement(
                            "SELECT JSON_EXTRACT(?, '$.shard'),"
                                    + " JSON_EXTRACT(?, '$.query_block.table.table_name')")) {
                for (int shard = 1; shard <= 2; shard++) {
                    read.setString(1, json.get(shard).getFirst());
                    read.setString(2, json.get(shard).getFirst());
                    try (ResultSet rows = read.executeQuery()) {
                        rows.next();
                        assertThat(rows.getString(1)).isEqualTo("\"s" + shard + "\"");
                        assertThat(rows.getString(2)).isEqualTo("\"items\"");
                    }
                }
            }
            assertThat(column(table(proxied, "EXPLAIN FORMAT=TREE SELECT n FROM items"), 0))
                    .hasSize(2)
                    .allMatch(text -> text.matches("(?s)shard s[12]\n-> .* on items .*"));
        }
    }

    @Test
    void analyzeRunsEveryPart() throws SQLException {
        try (Connection proxied = twin.proxied("")) {
            assertThat(column(table(proxied, "EXPLAIN ANALYZE SELECT n FROM items LIMIT 1"), 0))
                    .hasSize(2)
                    .allMatch(text -> text.matches("(?s)shard s[12]\n-> .*actual time.*rows=1 .*"));
            String joined =
                    "SELECT a.n FROM items a JOIN items b ON a.n = b.seq JOIN regions r ON r.id ="
                            + " a.n";
            for (String sql : List.of(joined, "SELECT AVG(n) FROM items WHERE n < 5")) {
                List<List<String>> all = table(proxied, "EXPLAIN ANALYZE " + sql);
                assertThat(all).hasSize(2);
                assertThat(all.getLast().getLast()).contains("actual time");
            }
            assertThat(table(proxied, "EXPLAIN ANALYZE SELECT AVG(n) FROM items").getLast())
                    .first()
                    .asString()
                    .contains("rows=4 ");
        }
    }

    @Test
    void ofAnAssembledStatementTheReadsOfItsTablesAreTold() throws SQLException {
        String joined = "SELECT a.n FROM items a JOIN regions r ON r.id = a.n WHERE a.n = 2";
        try (Connection proxied = twin.proxied("")) {
            List<List<String>> outside = table(proxied, "EXPLAIN " + joined);
            assertThat(column(outside, 2)).containsExactly("a", "a");
            assertThat(column(outside, 6)).containsExactly("by_n", "by_n");
            assertThat(column(outside, 12)).containsExactly("s1", "s2");
            TestProxy.run(proxied, "BEGIN");
            List<List<String>> within = table(proxied, "EXPLAIN " + joined);
            assertThat(column(within, 2)).containsExactly("a", "regions", "a");
            assertThat(column(within, 12)).containsExactly("s1", "s1", "s2");
            TestProxy.run(proxied, "COMMIT");
            assertThat(column(table(proxied, "EXPLAIN FORMAT=JSON " + joined), 0)).hasSize(2);
        }
    }

    @Test
    void errorsAreMySqls() throws SQLException {
        try (Connection proxied = twin.proxied("");
                Connection direct = twin.direct("")) {
            for (String sql :
                    List.of(
                            "EXPLAIN SELECT nothing FROM items",
                            "EXPLAIN FORMAT=TREE SELECT n FROM items i ORDER BY i.nothing")) {
                assertThat(SideBySide.describe(proxied, sql))
                        .isEqualTo(SideBySide.describe(direct, sql));
            }
            assertThat(SideBySide.describe(proxied, "EXPLAIN ANALYZE DELETE FROM items"))
                    .contains("SW-2002", "write EXPLAIN");
        }
        try (Connection prepared = twin.proxied("useServerPrepStmts=true");
                PreparedStatement statement =
                        prepared.prepareStatement("EXPLAIN SELECT n FROM items")) {
            assertThat(statement.execute()).as("the driver sends it as text then").isTrue();
        }
    }

    @Test
    void anAnalysisThatWaitsIsKilled() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection node = twin.proxy().onShard(2);
                Connection other = twin.proxied("");
                Connection client = twin.proxied("")) {
            String id =
                    SideBySide.describe(client, "SELECT CONNECTION_ID()")
                            .replaceAll(".*\\|(\\d+), $", "$1");
            TestProxy.run(node, "LOCK TABLES items WRITE");
            Future<?> waits =
                    threads.submit(() -> table(client, "EXPLAIN ANALYZE SELECT n FROM items"));
            nodes.awaitRunning(2, "EXPLAIN%");
            TestProxy.run(other, "KILL QUERY " + id);
            assertThatThrownBy(waits::get).hasMessageContaining("interrupted");
            TestProxy.run(node, "UNLOCK TABLES");
            assertThat(table(client, "EXPLAIN SELECT * FROM items")).hasSize(3);
        }
    }
}
