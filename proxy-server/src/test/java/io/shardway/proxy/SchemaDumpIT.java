package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The schema of a sharded keyspace is dumped and restored: each table stays what it was. */
@Timeout(120)
class SchemaDumpIT {

    private static final String KINDS = "SHARDWAY SHOW TABLES";

    private static AccountFixture cluster;
    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        cluster = new AccountFixture();
        proxy = cluster.first;
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String table :
                    List.of(
                            "users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50))",
                            "orders (user_id BIGINT NOT NULL, id INT NOT NULL, PRIMARY KEY (user_id, id)) COMMENT 'it''s'",
                            "countries (code CHAR(2) PRIMARY KEY) COMMENT 'shardway:reference all of them'",
                            "settings (name VARCHAR(50) PRIMARY KEY, number INT)")) {
                statement.execute("CREATE TABLE " + table);
            }
            statement.execute("INSERT INTO users (name) VALUES ('Ada')");
        }
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Kind and key by table of a keyspace. */
    private static Map<String, String> kinds(String keyspace) throws SQLException {
        var kinds = new TreeMap<String, String>();
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute(KINDS);
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    if (rows.getString("keyspace").equals(keyspace)) {
                        kinds.put(rows.getString("table"), rows.getString("kind"));
                    }
                }
            }
        }
        kinds.remove("t");
        return kinds;
    }

    @Test
    void showCreateTableMakesTheSameKindOfTableAgain() throws SQLException {
        var definitions = new ArrayList<String>();
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("users", "orders", "countries", "settings")) {
                try (ResultSet row = statement.executeQuery("SHOW CREATE TABLE " + table)) {
                    row.next();
                    definitions.add(row.getString(2));
                }
            }
            statement.execute("USE " + cluster.other);
            for (String definition : definitions) {
                statement.execute(definition);
            }
        }
        assertThat(kinds(cluster.other))
                .isEqualTo(kinds(proxy.keyspace()))
                .containsEntry("countries", "reference")
                .containsEntry("orders", "sharded")
                .containsEntry("settings", "single");
    }

    private static List<String> client(String program, String... more) {
        var command =
                new ArrayList<>(
                        List.of(
                                program,
                                "--no-defaults",
                                "--host=127.0.0.1",
                                "--port=" + proxy.proxy().port(),
                                "--user=app",
                                "--password=app"));
        command.addAll(List.of(more));
        return command;
    }

    @Test
    void aDumpedSchemaIsRestored() throws Exception {
        ChildClient.assumeInstalled("mariadb-dump", "mariadb-client");
        String dump =
                ChildClient.run(
                        client(
                                "mariadb-dump",
                                "--no-data",
                                "--skip-lock-tables",
                                "--no-tablespaces",
                                proxy.keyspace()),
                        "");
        assertThat(dump).contains("shardway:reference all of them", "CREATE TABLE `orders`");
        String target = proxy.keyspace() + "_copy";
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY CREATE KEYSPACE " + target + " SHARD KEY user_id");
        }
        assertThat(ChildClient.run(client("mariadb", target), dump)).doesNotContain("ERROR");
        assertThat(kinds(target)).isEqualTo(kinds(proxy.keyspace()));
    }
}
