package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a dump program does with a sharded keyspace: docs/dumps.md says what works. */
@Timeout(180)
class ShardedDumpIT {

    private static final List<String> TABLES =
            List.of(
                    "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                            + " name VARCHAR(50))",
                    "CREATE TABLE orders (user_id BIGINT NOT NULL, order_id BIGINT NOT NULL AUTO_INCREMENT,"
                            + " note BLOB, PRIMARY KEY (order_id, user_id))",
                    "CREATE TABLE settings (name VARCHAR(50) PRIMARY KEY, value TEXT)",
                    "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(50))"
                            + " COMMENT 'shardway:reference'");

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        ChildClient.assumeInstalled("mariadb-dump", "mariadb-client");
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : TABLES) {
                statement.execute(sql);
            }
            for (int n = 0; n < 20; n++) {
                statement.execute("INSERT INTO users (name) VALUES ('it''s user " + n + "')");
                statement.execute(
                        "INSERT INTO orders (user_id, note) VALUES (%d, x'00FF27')"
                                .formatted(lastId(statement)));
            }
            statement.execute("INSERT INTO settings VALUES ('a', 'b'), ('c', NULL)");
            statement.execute("INSERT INTO countries VALUES ('de', 'Germany'), ('fr', NULL)");
        }
    }

    private static long lastId(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT LAST_INSERT_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static List<String> command(String program, String... arguments) {
        var all = new ArrayList<>(List.of(program, "--no-defaults"));
        all.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + proxy.proxy().port(),
                        "--user=admin",
                        "--password=admin"));
        all.addAll(List.of(arguments));
        return all;
    }

    private static List<String> nodeDump(int shard, String... arguments) {
        var all = new ArrayList<>(List.of("mariadb-dump", "--no-defaults"));
        all.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + proxy.cluster().primary(shard).port(),
                        "--user=root",
                        "--password=" + proxy.cluster().rootPassword()));
        all.addAll(List.of(arguments));
        all.add(proxy.keyspace());
        return all;
    }

    @Test
    void aDumpOfRowsThroughTheProxyHasThoseOfAllShards() throws Exception {
        String dump =
                ChildClient.run(
                        command(
                                "mariadb-dump",
                                "--skip-lock-tables",
                                "--no-tablespaces",
                                proxy.keyspace(),
                                "users"),
                        "");
        assertThat(dump).doesNotContain("SW-", "exit ");
        for (int n = 0; n < 20; n++) {
            assertThat(dump).contains("user " + n + "'");
        }
    }

    /** Refused, and said so. */
    @Test
    void aDumpThatLocksOrWantsOneMomentIsRefused() throws Exception {
        String locking =
                ChildClient.run(command("mariadb-dump", "--no-tablespaces", proxy.keyspace()), "");
        assertThat(locking).contains("SW-2006").contains("exit ");
        String snapshot =
                ChildClient.run(
                        command(
                                "mariadb-dump",
                                "--single-transaction",
                                "--no-tablespaces",
                                proxy.keyspace()),
                        "");
        assertThat(snapshot).contains("SW-").contains("exit ");
    }

    @Test
    void definitionsAreDumpedThroughTheProxyAndRestored() throws Exception {
        String dump =
                ChildClient.run(
                        command(
                                "mariadb-dump",
                                "--no-data",
                                "--skip-lock-tables",
                                "--skip-triggers",
                                "--no-tablespaces",
                                "--skip-dump-date",
                                "--skip-comments",
                                proxy.keyspace()),
                        "");
        assertThat(dump).contains("CREATE TABLE `users`").doesNotContain("exit ");
        String restored = keyspace("defs");
        assertThat(ChildClient.run(command("mariadb", restored), dump)).isEmpty();
        try (Connection connection = admin(restored)) {
            assertThat(kinds(connection, restored)).isEqualTo(kinds(connection, proxy.keyspace()));
        }
    }

    /**
     * Node by node, a row a statement: what is on the shards comes back wherever it belongs now.
     */
    @Test
    void rowsAreDumpedNodeByNodeAndRestoredThroughTheProxy() throws Exception {
        String restored = keyspace("rows");
        try (Connection connection = admin(restored);
                Statement statement = connection.createStatement()) {
            for (String sql : TABLES) {
                statement.execute(sql);
            }
            for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
                String whole = "--ignore-table=" + proxy.keyspace();
                String dump =
                        ChildClient.run(
                                nodeDump(
                                        shard,
                                        "--single-transaction",
                                        shard == 1 ? "--quick" : whole + ".settings",
                                        shard == 1 ? "--quick" : whole + ".countries",
                                        "--no-create-info",
                                        "--skip-extended-insert",
                                        "--complete-insert",
                                        "--skip-triggers",
                                        "--skip-add-locks",
                                        "--skip-disable-keys",
                                        "--hex-blob"),
                                "");
                assertThat(dump).doesNotContain("exit ");
                assertThat(ChildClient.run(command("mariadb", restored), dump)).isEmpty();
            }
            for (String table : List.of("users", "orders", "settings", "countries")) {
                assertThat(rows(restored, table)).isEqualTo(rows(proxy.keyspace(), table));
            }
            long greatest = 0;
            for (int shard = 1; shard <= proxy.cluster().shardCount(); shard++) {
                greatest = Math.max(greatest, maximum(shard, restored));
            }
            statement.execute("INSERT INTO users (name) VALUES ('afterwards')");
            assertThat(lastId(statement)).isGreaterThan(greatest);
        }
    }

    @Test
    void wholeTablesAreDumpedThroughTheProxyAndRestored() throws Exception {
        String dump =
                ChildClient.run(
                        command(
                                "mariadb-dump",
                                "--skip-lock-tables",
                                "--skip-triggers",
                                "--skip-add-locks",
                                "--skip-disable-keys",
                                "--no-tablespaces",
                                proxy.keyspace(),
                                "settings",
                                "countries"),
                        "");
        assertThat(dump)
                .contains("INSERT INTO `settings`", "INSERT INTO `countries`")
                .doesNotContain("exit ");
        String restored = keyspace("single");
        assertThat(ChildClient.run(command("mariadb", restored), dump)).isEmpty();
        for (String table : List.of("settings", "countries")) {
            assertThat(rows(restored, table)).isEqualTo(rows(proxy.keyspace(), table));
        }
    }

    /** Several rows of different shards in one INSERT are refused with the option to use. */
    @Test
    void anExtendedInsertOfSeveralShardsIsRefusedWithAdvice() throws Exception {
        String restored = keyspace("ext");
        try (Connection connection = admin(restored);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLES.getFirst());
            String insert =
                    "INSERT INTO `users` VALUES (%d,'a'),(%d,'b');"
                            .formatted(proxy.keyOn(1, 0), proxy.keyOn(2, 0));
            assertThat(ChildClient.run(command("mariadb", restored), insert))
                    .contains("SW-2007", "--skip-extended-insert");
        }
    }

    private static String keyspace(String name) throws SQLException {
        String restored = proxy.keyspace() + "_" + name;
        try (Connection connection = proxy.connectAsAdmin();
                Statement statement = connection.createStatement()) {
            statement.execute("SHARDWAY CREATE KEYSPACE " + restored + " SHARD KEY user_id");
        }
        return restored;
    }

    private static Connection admin(String keyspace) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(proxy.proxy().port(), keyspace);
        return DriverManager.getConnection(url, "admin", "admin");
    }

    private static List<String> kinds(Connection connection, String keyspace) throws SQLException {
        var kinds = new ArrayList<String>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW TABLES")) {
            while (rows.next()) {
                kinds.add(rows.getString(1));
            }
        }
        return kinds;
    }

    /** Of all shards; each by a checksum. */
    private static List<String> rows(String schema, String table) throws SQLException {
        var all = new ArrayList<String>();
        int shards = table.equals("settings") ? 1 : proxy.cluster().shardCount();
        for (int shard = 1; shard <= shards; shard++) {
            try (Connection node = proxy.onShard(shard);
                    Statement statement = node.createStatement();
                    ResultSet rows =
                            statement.executeQuery(
                                    "SELECT * FROM " + schema + "." + table + " ORDER BY 1, 2")) {
                while (rows.next()) {
                    var row = new StringBuilder("shard " + shard);
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        row.append(", ").append(rows.getString(i));
                    }
                    all.add(row.toString());
                }
            }
        }
        assertThat(all).isNotEmpty();
        return all;
    }

    private static long maximum(int shard, String schema) throws SQLException {
        try (Connection node = proxy.onShard(shard);
                Statement statement = node.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT MAX(user_id) FROM " + schema + ".users")) {
            row.next();
            return row.getLong(1);
        }
    }
}
