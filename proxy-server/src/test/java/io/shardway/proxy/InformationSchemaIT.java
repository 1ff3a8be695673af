package io.shardway.proxy;

import static io.shardway.proxy.AccountFixture.code;
import static io.shardway.proxy.AccountFixture.column;
import static io.shardway.proxy.AccountFixture.connect;
import static io.shardway.proxy.TestProxy.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What information_schema and SHOW tell an account: its own keyspaces, over all shards. */
@Timeout(180)
class InformationSchemaIT {

    private static final String FRESH = "SET SESSION information_schema_stats_expiry = 0";

    private static AccountFixture cluster;
    private static TestProxy proxy;
    private static String own;
    private static String plain;
    private static String secret;

    @BeforeAll
    static void start() throws SQLException {
        cluster = new AccountFixture();
        proxy = cluster.first;
        own = proxy.keyspace();
        plain = own + "p";
        secret = own + "s";
        for (String keyspace : List.of(plain, secret)) {
            cluster.admin("CREATE DATABASE " + keyspace);
            try (Connection connection = proxy.connectTo(keyspace, "")) {
                run(connection, "CREATE TABLE hidden_table (hidden_column INT PRIMARY KEY)");
                run(connection, "CREATE VIEW hidden_view AS SELECT 1 AS hidden_column");
                run(connection, "CREATE PROCEDURE hidden_procedure (hidden_in INT) SELECT 1");
                run(
                        connection,
                        "CREATE TRIGGER hidden_trigger BEFORE INSERT ON hidden_table FOR EACH ROW"
                                + " SET NEW.hidden_column = 1");
                run(connection, "CREATE EVENT hidden_event ON SCHEDULE EVERY 9 YEAR DO DO 1");
            }
        }
        cluster.admin("SHARDWAY CREATE ACCOUNT one IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT WRITE ON {own}.* TO one"));
        cluster.admin("SHARDWAY CREATE ACCOUNT two IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT READ ON {own}.* TO two"));
        cluster.admin("SHARDWAY GRANT READ ON " + plain + ".* TO two");
        try (Connection connection = proxy.connect()) {
            run(
                    connection,
                    "CREATE TABLE orders (user_id BIGINT NOT NULL, id BIGINT NOT NULL, text VARCHAR(2000),"
                            + " PRIMARY KEY (user_id, id), KEY by_id (id)) COMMENT 'what was bought'");
            run(
                    connection,
                    "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50))");
            run(connection, "CREATE TABLE settings (name VARCHAR(50) PRIMARY KEY, number INT)");
            for (int shard = 1; shard <= 2; shard++) {
                for (int row = 0; row < 40 * shard; row++) {
                    run(
                            connection,
                            "INSERT INTO orders VALUES (%d, %d, REPEAT('x', 2000))"
                                    .formatted(proxy.keyOn(shard, 0), row));
                }
            }
            run(connection, "INSERT INTO users (name) VALUES ('Ada')");
        }
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static List<String> tablesOfInformationSchema() throws SQLException {
        try (Connection connection = proxy.onShard(1)) {
            return column(
                    connection,
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema'");
        }
    }

    /** Every row of every table, whatever it is. */
    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void nothingOfOtherKeyspacesIsTold(String parameters) throws SQLException {
        var all = new StringBuilder();
        int read = 0;
        try (Connection connection = connect(proxy, "one", "pw", parameters)) {
            for (String table : tablesOfInformationSchema()) {
                String sql = "SELECT * FROM information_schema." + table;
                try (PreparedStatement statement = connection.prepareStatement(sql);
                        ResultSet rows = statement.executeQuery()) {
                    read++;
                    while (rows.next()) {
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            all.append(table).append(' ').append(rows.getString(i)).append('\n');
                        }
                    }
                } catch (SQLException refused) {
                    assertThat(refused.getErrorCode()).as(table).isIn(1142, 1227, 1235);
                }
            }
        }
        assertThat(read).isGreaterThan(40);
        assertThat(all.toString())
                .contains(own, "TABLES orders", "COLUMNS user_id", "STATISTICS by_id")
                .doesNotContain(cluster.other + "\n", secret, plain, "hidden_")
                .doesNotContain("shardway_p", "performance_schema\n", "mysql\n", "sys\n");
    }

    @Test
    void showTellsOfOnesOwnKeyspaces() throws SQLException {
        try (Connection connection = connect(proxy, "one", "pw")) {
            assertThat(column(connection, "SHOW DATABASES"))
                    .containsExactlyInAnyOrder(own, "information_schema");
            assertThat(column(connection, "SHOW DATABASES WHERE `Database` LIKE 'ks%'"))
                    .containsExactly(own);
            assertThat(column(connection, "SHOW PROCEDURE STATUS")).isEmpty();
            assertThat(code(connection, "SHOW OPEN TABLES")).isEqualTo(1142);
            assertThat(code(connection, "SHOW TABLE STATUS FROM " + secret)).isEqualTo(1142);
            assertThat(code(connection, "SHOW TRIGGERS FROM " + secret)).isEqualTo(1142);
        }
        try (Connection connection = connect(proxy, "two", "pw")) {
            assertThat(column(connection, "SHOW PROCEDURE STATUS LIKE 'hidden%'"))
                    .containsExactly(plain);
            assertThat(column(connection, "SHOW PROCEDURE STATUS WHERE Db = '" + plain + "'"))
                    .containsExactly(plain);
            assertThat(column(connection, "SHOW TRIGGERS FROM " + plain))
                    .containsExactly("hidden_trigger");
            assertThat(column(connection, "SHOW TABLES FROM " + plain))
                    .containsExactly("hidden_table", "hidden_view");
            assertThat(column(connection, "SHOW CREATE VIEW " + plain + ".hidden_view"))
                    .containsExactly("hidden_view");
        }
    }

    @Test
    void informationSchemaCanBeTheCurrentSchema() throws SQLException {
        for (String parameters : List.of("", "useServerPrepStmts=true")) {
            try (Connection connection = connect(proxy, "one", "pw", parameters)) {
                run(connection, "USE information_schema");
                assertThat(column(connection, "SELECT SCHEMA_NAME FROM SCHEMATA"))
                        .containsExactlyInAnyOrder(own, "information_schema");
                assertThat(
                                column(
                                        connection,
                                        "SELECT TABLES.TABLE_NAME FROM TABLES WHERE TABLE_SCHEMA <> SCHEMA()"))
                        .contains("orders")
                        .doesNotContain("hidden_table");
                assertThat(column(connection, "SHOW TABLES")).contains("TABLES", "COLUMNS");
                try (PreparedStatement statement =
                                connection.prepareStatement(
                                        "SHOW TABLE STATUS LIKE 'TABL%'; -- end");
                        ResultSet rows = statement.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                }
            }
        }
    }

    @Test
    void aPlainKeyspaceIsDescribedFromOutside() throws SQLException {
        try (Connection connection = connect(proxy, "two", "pw")) {
            for (String query :
                    List.of(
                            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ",
                            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
                            "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ",
                            "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ",
                            "SELECT PARAMETER_NAME FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = ",
                            "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ",
                            "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ")) {
                assertThat(column(connection, query + "'" + plain + "'"))
                        .as(query)
                        .isNotEmpty()
                        .allMatch(name -> name.startsWith("hidden_"));
            }
        }
    }

    @Test
    void aSessionInAPlainKeyspaceLooksIntoOthers() throws SQLException {
        try (Connection connection = connect(proxy, "two", "pw")) {
            run(connection, "USE " + plain);
            assertThat(column(connection, "SHOW TABLES FROM " + own))
                    .contains("orders", "settings");
            assertThat(column(connection, "SHOW TABLE STATUS FROM " + own + " LIKE 'ord%'"))
                    .containsExactly("orders");
            assertThat(column(connection, "SHOW COLUMNS FROM " + own + ".settings"))
                    .containsExactly("name", "number");
            assertThat(column(connection, "SHOW TABLES"))
                    .containsExactly("hidden_table", "hidden_view");
            assertThat(code(connection, "SHOW TABLES FROM " + secret)).isNotZero();
        }
    }

    private static long onShard(int shard, String expression) throws SQLException {
        try (Connection connection = proxy.onShard(shard)) {
            run(connection, FRESH);
            return Long.parseLong(
                    column(
                                    connection,
                                    "SELECT %s FROM information_schema.TABLES t WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME = 'orders'"
                                            .formatted(expression, own))
                            .getFirst());
        }
    }

    private static void analyze() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection connection = proxy.onShard(shard)) {
                run(connection, "ANALYZE TABLE orders");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "useServerPrepStmts=true", "useCursorFetch=true&defaultFetchSize=1"})
    void rowsAndSizesAreThoseOfAllShards(String parameters) throws SQLException {
        analyze();
        try (Connection connection = connect(proxy, "one", "pw", parameters)) {
            run(connection, FRESH);
            for (String figure : List.of("TABLE_ROWS", "DATA_LENGTH", "INDEX_LENGTH")) {
                String sql =
                        "SELECT %s, TABLE_COMMENT FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
                                .formatted(figure);
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    for (int again = 0; again < 2; again++) {
                        statement.setString(1, own);
                        statement.setString(2, "orders");
                        try (ResultSet rows = statement.executeQuery()) {
                            assertThat(rows.next()).isTrue();
                            assertThat(rows.getLong(1))
                                    .as(figure)
                                    .isEqualTo(onShard(1, figure) + onShard(2, figure));
                            assertThat(rows.getString(2)).isEqualTo("what was bought");
                            assertThat(rows.next()).isFalse();
                        }
                    }
                }
            }
            run(connection, "USE " + own);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SHOW TABLE STATUS LIKE 'orders'")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getLong("Rows"))
                        .isEqualTo(onShard(1, "TABLE_ROWS") + onShard(2, "TABLE_ROWS"))
                        .isGreaterThan(onShard(2, "TABLE_ROWS"));
                assertThat(rows.getLong("Data_length"))
                        .isEqualTo(onShard(1, "DATA_LENGTH") + onShard(2, "DATA_LENGTH"));
            }
        }
    }

    @Test
    void aDrawnKeyShowsWhereItsSequenceStands() throws SQLException {
        try (Connection connection = connect(proxy, "one", "pw")) {
            long last =
                    Long.parseLong(
                            column(
                                            connection,
                                            "SELECT MAX(user_id) FROM "
                                                    + own
                                                    + ".users WHERE user_id = 64")
                                    .getFirst());
            assertThat(last).isEqualTo(64);
            String next =
                    "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME = 'users'"
                            .formatted(own);
            long shown = Long.parseLong(column(connection, next).getFirst());
            long sequence;
            try (Connection admin = proxy.connectAsAdmin();
                    Statement statement = admin.createStatement()) {
                statement.execute("SHARDWAY SHOW SEQUENCES");
                try (ResultSet rows = statement.getResultSet()) {
                    rows.next();
                    sequence = rows.getLong("next");
                }
            }
            assertThat(shown).isEqualTo(sequence).isGreaterThan(last);
        }
    }

    @Test
    void aRightThatIsTakenEndsWhatAPreparedStatementSees() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT looking IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT READ ON {own}.* TO looking"));
        cluster.admin(cluster.named("SHARDWAY GRANT READ ON {other}.* TO looking"));
        try (Connection connection = connect(proxy, "looking", "pw", "useServerPrepStmts=true");
                PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?")) {
            statement.setString(1, "ks%");
            assertThat(names(statement)).containsExactlyInAnyOrder(own, cluster.other);
            cluster.admin(cluster.named("SHARDWAY REVOKE READ ON {other}.* FROM looking"));
            assertThat(names(statement)).containsExactly(own);
        }
    }

    private static List<String> names(PreparedStatement statement) throws SQLException {
        var names = new ArrayList<String>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    @Test
    void processesAndPrivilegesAreShardways() throws SQLException {
        try (Connection connection = connect(proxy, "one", "pw");
                Connection other = proxy.connect()) {
            assertThat(other.isValid(5)).isTrue();
            assertThat(column(connection, "SELECT USER FROM information_schema.PROCESSLIST"))
                    .containsOnly("one");
            assertThat(
                            column(
                                    connection,
                                    "SELECT INFO FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()"))
                    .hasSize(1);
            assertThat(
                            column(
                                    connection,
                                    "SELECT DISTINCT CONCAT(GRANTEE, ' ', TABLE_SCHEMA) FROM information_schema.SCHEMA_PRIVILEGES"))
                    .containsExactly("'one'@'%' " + own);
            assertThat(
                            column(
                                    connection,
                                    "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES"))
                    .containsExactly("USAGE");
        }
        try (Connection connection = connect(proxy, "two", "pw")) {
            assertThat(
                            column(
                                    connection,
                                    "SELECT DISTINCT PRIVILEGES FROM information_schema.COLUMNS WHERE TABLE_SCHEMA <> 'information_schema'"))
                    .containsExactly("select");
        }
    }
}
