package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of whole keyspaces that stop between two shards are shown, and go on when sent again. */
@Timeout(180)
class HalfWayKeyspaceIT {

    private static TestProxy proxy;
    private static int made;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        proxy = TestProxy.start(Map.of("definition.lock-timeout", "30s"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void end() throws SQLException {
        threads.close();
        refuseOnTheSecondShard(false);
    }

    @Test
    void anAlterIsShownAndHoldsUpDefinitionsUntilItIsSentAgain() throws Exception {
        String name = keyspace();
        String alter = "ALTER DATABASE `" + name + "` CHARACTER SET 'latin1'";
        refuseOnTheSecondShard(true);
        assertThat(answer("ALTER DATABASE " + name + " charset latin1"))
                .contains("SW-3020", "alter the schema on");
        refuseOnTheSecondShard(false);

        assertThat(shown(name)).containsExactly("half done", alter, "no: send the statement again");
        assertThat(value("SHARDWAY SHOW DDL", name, "problem"))
                .contains("alter the schema on", "send the statement again");
        assertThat(value("SHARDWAY SHOW KEYSPACES", name, "state")).isEqualTo("altering");
        String table = "CREATE TABLE " + name + ".t (user_id BIGINT NOT NULL PRIMARY KEY)";
        assertThat(answer(table)).contains("SW-3020", alter);
        assertThat(answer("ALTER DATABASE " + name + " charset utf8mb3"))
                .contains("SW-3020", alter);
        assertThat(answer("SHARDWAY ALTER KEYSPACE " + name + " PLAIN")).contains("SW-3020", alter);

        assertThat(answer(alter)).isEqualTo("ok");
        assertThat(shown(name)).isEmpty();
        assertThat(value("SHARDWAY SHOW KEYSPACES", name, "state")).isEqualTo("served");
        assertThat(charset(1, name)).isEqualTo("latin1");
        assertThat(charset(2, name)).isEqualTo("latin1");
        assertThat(answer(table)).isEqualTo("ok");
    }

    @Test
    void anAlterOfAKilledProxyIsShown() throws Exception {
        String name = keyspace();
        String alter = "ALTER DATABASE `" + name + "` CHARACTER SET 'latin1'";
        String moment = "keyspace:locked:" + proxy.cluster().primary(2).name();
        try (var killed = ChildProxy.startMissedSoon(proxy, Map.of("stop.at", moment))) {
            Future<String> client = threads.submit(() -> answer(killed.port(), alter));
            killed.awaitStopped();
            assertThat(shown(name)).startsWith("running", alter);
            killed.kill();
            assertThat(client.get(60, TimeUnit.SECONDS)).isNotEqualTo("ok");
        }
        NodeSide.until("it is missed", () -> shown(name).getFirst().equals("half done"));
        assertThat(value("SHARDWAY SHOW DDL", name, "problem")).contains("went away");
        assertThat(List.of(charset(1, name), charset(2, name)))
                .containsExactly("latin1", "utf8mb4");
        assertThat(answer(alter)).isEqualTo("ok");
        assertThat(charset(2, name)).isEqualTo("latin1");
        assertThat(shown(name)).isEmpty();
    }

    @Test
    void whatTheFirstShardRefusesChangesNothing() throws Exception {
        String name = keyspace();
        assertThat(answer("ALTER DATABASE " + name + " CHARACTER SET nosuch"))
                .contains("Unknown character set");
        assertThat(shown(name)).isEmpty();
    }

    @Test
    void aHalfMadeKeyspaceIsMadeAsItWasBegun() throws Exception {
        String name = proxy.keyspace() + "_h" + made++;
        String create = "SHARDWAY CREATE KEYSPACE `" + name + "` SHARD KEY `user_id`";
        refuseOnTheSecondShard(true);
        assertThat(answer(create)).contains("SW-3020");
        refuseOnTheSecondShard(false);

        assertThat(shown(name)).containsExactly("half done", create, "DROP DATABASE");
        assertThat(answer("CREATE DATABASE " + name)).contains("SW-3020", create);
        assertThat(answer("SHARDWAY CREATE KEYSPACE " + name + " SHARD KEY other"))
                .contains("SW-3020", create);
        assertThat(answer(create)).isEqualTo("ok");
        assertThat(shown(name)).isEmpty();
    }

    @Test
    void aHalfDroppedKeyspaceIsDropped() throws Exception {
        String name = keyspace();
        refuseOnTheSecondShard(true);
        assertThat(answer("DROP DATABASE " + name)).contains("SW-3020");
        refuseOnTheSecondShard(false);
        assertThat(shown(name))
                .containsExactly(
                        "half done",
                        "DROP DATABASE `" + name + "`",
                        "no: send the statement again");
        assertThat(answer("DROP DATABASE " + name)).isEqualTo("ok");
        assertThat(shown(name)).isEmpty();
    }

    private static String keyspace() {
        String name = proxy.keyspace() + "_h" + made++;
        assertThat(answer("SHARDWAY CREATE KEYSPACE " + name + " SHARD KEY user_id"))
                .isEqualTo("ok");
        return name;
    }

    /** MySQL's error 1290 to whatever changes something there. */
    private static void refuseOnTheSecondShard(boolean refuse) throws SQLException {
        try (Connection node = proxy.onShard(2);
                Statement statement = node.createStatement()) {
            statement.execute("SET GLOBAL super_read_only = " + (refuse ? "ON" : "OFF"));
            statement.execute("SET GLOBAL read_only = " + (refuse ? "ON" : "OFF"));
        }
    }

    private static String answer(String sql) {
        return answer(proxy.proxy().port(), sql);
    }

    private static String answer(int port, String sql) {
        String url = "jdbc:mysql://127.0.0.1:%d/?allowPublicKeyRetrieval=true".formatted(port);
        try (Connection connection = DriverManager.getConnection(url, "admin", "admin");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "ok";
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /** State, statement and undo of what SHARDWAY SHOW DDL says of a keyspace. */
    private static List<String> shown(String keyspace) throws SQLException {
        var found = new ArrayList<String>();
        for (String column : List.of("state", "statement", "undo")) {
            found.add(value("SHARDWAY SHOW DDL", keyspace, column));
        }
        return found.getFirst().isEmpty() ? List.of() : found;
    }

    private static String value(String list, String keyspace, String column) throws SQLException {
        try (Connection connection = proxy.connectAsAdmin();
                Statement statement = connection.createStatement()) {
            statement.execute(list);
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    boolean ofTables = list.endsWith("DDL") && rows.getString("ddl") != null;
                    if (rows.getString("keyspace").equals(keyspace) && !ofTables) {
                        return String.valueOf(rows.getString(column));
                    }
                }
            }
        }
        return "";
    }

    private static String charset(int shard, String keyspace) throws SQLException {
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT default_character_set_name FROM information_schema.schemata"
                                        + " WHERE schema_name = '"
                                        + keyspace
                                        + "'")) {
            row.next();
            return row.getString(1);
        }
    }
}
