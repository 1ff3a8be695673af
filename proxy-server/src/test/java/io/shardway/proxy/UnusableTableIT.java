package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A table of the topology that somebody took away from the default shard. */
@Timeout(120)
class UnusableTableIT {

    private static final String LOST =
            "CREATE TABLE lost (user_id BIGINT NOT NULL PRIMARY KEY, n INT)";

    private static TestProxy proxy;
    private static TestProxy second;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        second = proxy.another(Map.of("frontend.event-loops", "1"));
        try (Connection connection = proxy.connect()) {
            assertThat(SideBySide.describe(connection, LOST)).isEqualTo("count 0");
            SideBySide.describe(
                    connection, "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
        }
    }

    @AfterAll
    static void stop() {
        second.close();
        proxy.close();
    }

    @Test
    void onlyThatTableIsRefusedUntilItIsThereAgain() throws SQLException {
        try (Connection here = proxy.connect();
                Connection there = second.connect("useServerPrepStmts=true");
                Connection node = proxy.onShard(1);
                Statement root = node.createStatement();
                PreparedStatement prepared =
                        there.prepareStatement("SELECT n FROM lost WHERE user_id = ?")) {
            prepared.setLong(1, proxy.keyOn(2, 0));
            prepared.executeQuery().close();
            root.execute("DROP TABLE lost");
            assertThat(
                            SideBySide.describe(
                                    here,
                                    "CREATE TABLE later (user_id BIGINT NOT NULL PRIMARY KEY)"))
                    .isEqualTo("count 0");
            for (Connection connection : new Connection[] {here, there}) {
                serves(connection);
                for (String sql :
                        new String[] {
                            "SELECT * FROM lost WHERE user_id = " + proxy.keyOn(2, 0),
                            "INSERT INTO lost VALUES (" + proxy.keyOn(1, 0) + ", 1)",
                            "SELECT * FROM users JOIN lost USING (user_id) WHERE users.user_id = 1",
                            "SELEC * FROM lost",
                            "WITH lost AS (SELECT 1) SELECT * FROM lost",
                            LOST,
                            "CREATE TABLE IF NOT EXISTS lost (user_id BIGINT NOT NULL)",
                        }) {
                    assertThat(SideBySide.describe(connection, sql))
                            .as(sql)
                            .startsWith("error")
                            .contains("SW-");
                }
                assertThat(SideBySide.describe(connection, "DELETE FROM lost WHERE user_id = 1"))
                        .contains("SW-3015")
                        .contains("lost does not exist on the default shard")
                        .contains("DROP TABLE IF EXISTS");
                assertThat(SideBySide.describe(connection, "SHARDWAY SHOW TABLES"))
                        .contains("lost does not exist on the default shard");
            }
            assertThat(refusal(prepared)).contains("SW-3015");
            try (TestProxy fresh = proxy.another(Map.of());
                    Connection connection = fresh.connect()) {
                serves(connection);
                assertThat(SideBySide.describe(connection, "SELECT * FROM lost WHERE user_id = 1"))
                        .contains("SW-3015");
            }
            root.execute(LOST);
            for (Connection connection : new Connection[] {here, there}) {
                NodeSide.until(
                        "the table is served again",
                        () ->
                                SideBySide.describe(
                                                connection, "SELECT n FROM lost WHERE user_id = 1")
                                        .startsWith("n INT"));
                assertThat(SideBySide.describe(connection, "SHARDWAY SHOW TABLES"))
                        .contains("lost")
                        .doesNotContain("default shard");
            }
            prepared.executeQuery().close();
        }
    }

    @Test
    void aTableThatIsGoneForGoodCanBeForgotten() throws SQLException {
        try (Connection here = proxy.connect();
                Connection node = proxy.onShard(1);
                Statement root = node.createStatement()) {
            String create = "CREATE TABLE gone (user_id BIGINT NOT NULL PRIMARY KEY)";
            assertThat(SideBySide.describe(here, create)).isEqualTo("count 0");
            root.execute("DROP TABLE gone");
            SideBySide.describe(here, "CREATE TABLE tick (user_id BIGINT NOT NULL PRIMARY KEY)");
            assertThat(SideBySide.describe(here, "SELECT * FROM gone WHERE user_id = 1"))
                    .contains("SW-3015");
            assertThat(SideBySide.describe(here, "DROP TABLE gone")).startsWith("error 1051");
            assertThat(SideBySide.describe(here, "DROP TABLE IF EXISTS gone")).isEqualTo("count 0");
            assertThat(SideBySide.describe(here, create)).isEqualTo("count 0");
            assertThat(SideBySide.describe(here, "SELECT * FROM gone WHERE user_id = 1"))
                    .startsWith("user_id");
        }
    }

    private static void serves(Connection connection) throws SQLException {
        long key = proxy.keyOn(2, 1);
        assertThat(SideBySide.describe(connection, "REPLACE INTO users VALUES (" + key + ", 5)"))
                .startsWith("count");
        assertThat(SideBySide.describe(connection, "SELECT * FROM later WHERE user_id = " + key))
                .startsWith("user_id");
    }

    private static String refusal(PreparedStatement prepared) {
        try {
            prepared.executeQuery().close();
            return "no refusal";
        } catch (SQLException refused) {
            return refused.getMessage();
        }
    }
}
