package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Statements over several shards where somebody wants none. */
@Timeout(120)
class ScatterOffIT {

    private static final String HINT = "/*+ SHARDWAY(SCATTER) */";

    /** Each with room for the hint. */
    private static final List<String> SEVERAL =
            List.of(
                    "SELECT %s n FROM items ORDER BY user_id",
                    "SELECT %s AVG(n) FROM items",
                    "SELECT %s a.n FROM items a JOIN items b ON a.n = b.n",
                    "SELECT %s n FROM items WHERE user_id IN ($1, $2) FOR UPDATE",
                    "EXPLAIN ANALYZE SELECT %s n FROM items",
                    "UPDATE %s items SET n = n + 1",
                    "DELETE %s FROM items WHERE n = -1",
                    "REPLACE %s INTO items VALUES ($1, 5), ($2, 5)");

    /** One shard, or nothing but a question. */
    private static final List<String> ONE =
            List.of(
                    "SELECT n FROM items WHERE user_id = $1",
                    "SELECT n FROM items WHERE user_id = $1 OR user_id = $1",
                    "UPDATE items SET n = 5 WHERE user_id IN ($2)",
                    "EXPLAIN SELECT n FROM items",
                    "SELECT COUNT(*) FROM regions",
                    "SELECT 1");

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "session.transaction-mode",
                                "best-effort",
                                "session.scatter",
                                "false"));
        try (Connection client = proxy.connect()) {
            TestProxy.run(client, "SHARDWAY SET scatter = on");
            TestProxy.run(
                    client, "CREATE TABLE items (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
            TestProxy.run(client, "CREATE TABLE regions (id INT NOT NULL PRIMARY KEY)");
            TestProxy.run(client, keyed("INSERT INTO items VALUES ($1, 1), ($2, 2)"));
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static String keyed(String sql) {
        return sql.replace("$1", "" + proxy.keyOn(1, 0)).replace("$2", "" + proxy.keyOn(2, 0));
    }

    private static String describe(Connection client, String sql) throws SQLException {
        return SideBySide.describe(client, keyed(sql));
    }

    private static void admin(String sql) throws SQLException {
        try (Connection admin = proxy.connectAsAdmin()) {
            TestProxy.run(admin, sql);
        }
    }

    private static void refusesSeveral(Connection client) throws SQLException {
        for (String sql : SEVERAL) {
            assertThat(describe(client, sql.formatted("")))
                    .as(sql)
                    .startsWith("error 1235 42000 SW-2011");
            assertThat(describe(client, "SHARDWAY EXPLAIN " + sql.formatted("")))
                    .as(sql)
                    .contains("|reject,", "SW-2011");
            assertThat(describe(client, "SHARDWAY EXPLAIN " + sql.formatted(HINT)))
                    .as(sql)
                    .doesNotContain("|reject,");
        }
        for (String sql : ONE) {
            assertThat(describe(client, sql)).as(sql).doesNotContain("error");
        }
    }

    private static void takesTheHint(Connection client) throws SQLException {
        for (String sql : SEVERAL) {
            assertThat(describe(client, sql.formatted(HINT))).as(sql).doesNotContain("error");
            if (!sql.startsWith("EXPLAIN")) {
                assertThat(describe(client, "SHOW WARNINGS")).as(sql).doesNotContain("syntax");
            }
            assertThat(describe(client, sql.formatted("/* SHARDWAY(SCATTER) */")))
                    .as(sql)
                    .doesNotContain("error");
        }
    }

    @Test
    void aSessionCanDoWithout() throws SQLException {
        try (Connection client = proxy.connect()) {
            refusesSeveral(client);
            takesTheHint(client);
            TestProxy.run(client, "SHARDWAY SET scatter = ON");
            assertThat(describe(client, "SELECT COUNT(*) FROM items")).endsWith("|2, ");
            TestProxy.run(client, "SHARDWAY SET scatter = off");
            refusesSeveral(client);
            assertThat(describe(client, "SHARDWAY SET scatter = maybe")).contains("SW-2101");
        }
    }

    @Test
    void preparedStatementsAreRefusedWhenTheyAreExecuted() throws SQLException {
        for (String parameters : List.of("useServerPrepStmts=true", "")) {
            try (Connection client = proxy.connect(parameters);
                    Statement set = client.createStatement();
                    PreparedStatement plain =
                            client.prepareStatement("SELECT n FROM items WHERE n > ?");
                    PreparedStatement hinted =
                            client.prepareStatement(
                                    "SELECT " + HINT + " n FROM items WHERE n > ?");
                    PreparedStatement write =
                            client.prepareStatement("UPDATE items SET n = n + ?")) {
                set.execute("SHARDWAY SET scatter = off");
                plain.setInt(1, -9);
                hinted.setInt(1, -9);
                write.setInt(1, 1);
                assertThatThrownBy(plain::executeQuery).hasMessageContaining("SW-2011");
                assertThatThrownBy(write::executeUpdate).hasMessageContaining("SW-2011");
                assertThat(hinted.executeQuery().next()).isTrue();
                assertThat(hinted.getWarnings() == null).isTrue();
            }
        }
        try (Connection client = proxy.connect()) {
            TestProxy.run(client, "SHARDWAY SET scatter = off");
            TestProxy.run(client, "PREPARE p FROM 'SELECT n FROM items'");
            assertThat(describe(client, "EXECUTE p")).contains("SW-2011");
            TestProxy.run(client, "PREPARE p FROM 'SELECT " + HINT + " n FROM items'");
            assertThat(describe(client, "EXECUTE p")).doesNotContain("error");
        }
    }

    @Test
    void anAccountCanBeKeptFromIt() throws SQLException {
        admin("SHARDWAY CREATE ACCOUNT narrow IDENTIFIED BY 'pw' SCATTER OFF");
        admin("SHARDWAY GRANT WRITE ON *.* TO narrow");
        try (Connection client = DriverManager.getConnection(proxy.url(""), "narrow", "pw")) {
            refusesSeveral(client);
            assertThat(describe(client, "SHARDWAY SET scatter = on"))
                    .contains("SW-2011", "account");
            assertThat(describe(client, "SHARDWAY ALTER ACCOUNT narrow SCATTER ON"))
                    .contains("SW-2102");
            takesTheHint(client);
            assertThat(describe(client, "SHARDWAY SHOW ACCOUNT USER()")).contains(", off, ");
            admin("SHARDWAY ALTER ACCOUNT narrow SCATTER ON");
            NodeSide.until(
                    "sessions follow",
                    () -> !describe(client, "SHARDWAY SET scatter = on").contains("error"));
            assertThat(describe(client, "SELECT COUNT(*) FROM items")).endsWith("|2, ");
            admin("SHARDWAY ALTER ACCOUNT narrow SCATTER OFF");
            NodeSide.until(
                    "what the session chose counts no longer",
                    () -> describe(client, "SELECT * FROM items").contains("SW-2011"));
        } finally {
            admin("SHARDWAY DROP ACCOUNT narrow");
        }
    }
}
