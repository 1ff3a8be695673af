package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
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

/** What stands around reads over several shards: their counts, time limits, hints and ends. */
@Timeout(120)
class ReadSurfaceIT {

    private static final String SCATTERED = "SELECT user_id, n FROM items";
    private static final String FINISHED = "SELECT n FROM items ORDER BY note LIMIT 3";
    private static final String ASSEMBLED = "SELECT AVG(n) FROM items";

    private static Twin twin;
    private static NodeSide nodes;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE items (user_id BIGINT NOT NULL PRIMARY KEY, n INT, note"
                                + " VARCHAR(20))");
        nodes = new NodeSide(twin.proxy());
        for (int user = 1; user <= 20; user++) {
            twin.define("INSERT INTO items VALUES (%d, %d, 'note')".formatted(user, user % 4));
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @AfterEach
    void end() {
        threads.close();
        nodes.awaitClean();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "useServerPrepStmts=true", "useCursorFetch=true&defaultFetchSize=5"})
    void countsOfFoundRowsAreThoseOfOneMySql(String parameters) throws SQLException {
        List<String> reads = new ArrayList<>();
        for (String limit :
                List.of(
                        "",
                        " LIMIT 3",
                        " LIMIT 2, 3",
                        " LIMIT 0",
                        " LIMIT 30, 3",
                        " LIMIT 19, 5")) {
            for (String calc : List.of("", "SQL_CALC_FOUND_ROWS ")) {
                for (String read :
                        List.of(
                                "user_id FROM items",
                                "user_id FROM items ORDER BY user_id",
                                "user_id FROM items WHERE n = 2 ORDER BY note, user_id",
                                "n, COUNT(*) FROM items GROUP BY n ORDER BY n",
                                "n, AVG(user_id) FROM items GROUP BY n ORDER BY n",
                                "COUNT(*) FROM items",
                                "DISTINCT n FROM items ORDER BY n",
                                "a.user_id FROM items a JOIN items b ON b.user_id = a.n ORDER BY 1",
                                "user_id FROM items WHERE user_id > 5 FOR UPDATE")) {
                    reads.add(
                            "SELECT "
                                    + calc
                                    + read.replace(" FOR UPDATE", limit + " FOR UPDATE")
                                    + (read.endsWith("FOR UPDATE") ? "" : limit));
                }
            }
        }
        if (!parameters.contains("Cursor")) {
            for (String limit :
                    List.of(" LIMIT 0, 1", " LIMIT 1 OFFSET 1", " limit 3,2", " LIMIT 0")) {
                reads.add("SELECT n FROM items WHERE user_id = 7" + limit);
                reads.add("SELECT 'a limit', 2" + limit);
            }
        }
        reads.add("(SELECT n FROM items LIMIT 3) UNION ALL (SELECT n FROM items LIMIT 2)");
        reads.add("SELECT SQL_CALC_FOUND_ROWS n FROM items UNION ALL SELECT n FROM items LIMIT 2");
        var differences = new ArrayList<String>();
        try (Connection proxied = twin.proxied(parameters);
                Connection direct = twin.direct(parameters)) {
            for (String sql : reads) {
                String expected = after(direct, sql);
                String actual = after(proxied, sql);
                if (!expected.equals(actual)) {
                    differences.add("%n%s: %s, proxy %s".formatted(sql, expected, actual));
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    private static String after(Connection connection, String sql) throws SQLException {
        SideBySide.describe(connection, sql);
        return SideBySide.describe(connection, "SELECT FOUND_ROWS(), ROW_COUNT()")
                .replaceAll(".*\\|", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {SCATTERED, FINISHED, ASSEMBLED})
    void aTimeLimitOfTheSessionOrAHintEndsThePartsOnTheShards(String sql) throws SQLException {
        try (Connection client = twin.proxied("");
                Connection node = twin.proxy().onShard(2)) {
            TestProxy.run(node, "LOCK TABLES items WRITE");
            String hinted = sql.replace("SELECT", "SELECT /*+ MAX_EXECUTION_TIME(300) */");
            assertThat(SideBySide.describe(client, hinted)).startsWith("error 3024");
            TestProxy.run(client, "SET max_execution_time = 300");
            assertThat(SideBySide.describe(client, sql)).startsWith("error 3024");
            TestProxy.run(node, "UNLOCK TABLES");
            assertThat(SideBySide.describe(client, sql)).doesNotStartWith("error");
        }
    }

    @Test
    void aTimeLimitEndsWhatIsDoneWithTheRows() throws SQLException {
        String sql =
                "SELECT SUM(a.n * b.n * c.n * d.n * e.n * f.n) FROM items a JOIN items b JOIN items"
                        + " c JOIN items d JOIN items e JOIN items f";
        try (Connection client = twin.proxied("")) {
            String hinted = sql.replace("SELECT", "SELECT /*+ MAX_EXECUTION_TIME(300) */");
            assertThat(SideBySide.describe(client, hinted)).startsWith("error 3024");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SCATTERED, FINISHED, ASSEMBLED})
    void aKilledSessionLeavesNothingRunning(String sql) throws Exception {
        try (Connection client = twin.proxied("");
                Connection other = twin.proxied("");
                Connection node = twin.proxy().onShard(2)) {
            String id =
                    SideBySide.describe(client, "SELECT CONNECTION_ID()")
                            .replaceAll(".*\\|(\\d+), $", "$1");
            TestProxy.run(node, "LOCK TABLES items WRITE");
            Future<?> runs =
                    threads.submit(() -> {
                        TestProxy.run(client, sql);
                        return "done";
                    });
            nodes.awaitRunning(2, "SELECT%items%");
            TestProxy.run(other, "KILL " + id);
            assertThatThrownBy(runs::get).isNotNull();
            NodeSide.until(
                    "nothing runs there", () -> nodes.threadsRunning(2, "SELECT%items%").isEmpty());
            TestProxy.run(node, "UNLOCK TABLES");
        }
    }

    @Test
    void hintsAndCommentsReachTheShards() throws Exception {
        try (Connection client = twin.proxied("");
                Connection node = twin.proxy().onShard(2)) {
            TestProxy.run(node, "LOCK TABLES items WRITE");
            Future<?> runs =
                    threads.submit(() -> {
                        TestProxy.run(
                                client,
                                "SELECT /*+ NO_ICP(items) */ n /* app:shop */ FROM items WHERE n > 1");
                        return "done";
                    });
            nodes.awaitRunning(2, "%NO\\_ICP(items)%app:shop%");
            TestProxy.run(node, "UNLOCK TABLES");
            runs.get();
        }
    }
}
