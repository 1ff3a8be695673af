package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Definitions of tables on two shards, and the same on a MySQL server directly: afterwards all
 * three have the same tables.
 */
@Timeout(120)
class DefinitionsIT {

    private static TestProxy proxy;
    private static int made;

    private String table = "";

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        SideBySide.prepare(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @BeforeEach
    void name() {
        table = "t" + made++;
    }

    @Test
    void altersATableAlikeOnEveryShardAndOnMySql() throws SQLException {
        same(
                "CREATE TABLE %1$s (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                        + " user_id BIGINT NOT NULL, total INT, note VARCHAR(50), KEY n (note))"
                        + " COMMENT 'orders; shardway:key=user_id'",
                "ALTER TABLE %1$s ADD COLUMN x INT NOT NULL DEFAULT 7 AFTER total,"
                        + " ADD COLUMN y JSON",
                "ALTER TABLE %1$s ADD (a INT, b INT)",
                "ALTER TABLE %1$s DROP COLUMN a, MODIFY b BIGINT UNSIGNED FIRST,"
                        + " CHANGE note remark VARCHAR(60) CHARACTER SET latin1,"
                        + " RENAME COLUMN x TO z",
                "ALTER TABLE %1$s ALTER COLUMN total SET DEFAULT 5",
                "ALTER TABLE %1$s ADD INDEX i (total), ADD UNIQUE KEY u (user_id, remark),"
                        + " RENAME INDEX n TO m",
                "ALTER TABLE %1$s ADD COLUMN twice INT AS (total * 2) STORED,"
                        + " ADD CONSTRAINT positive CHECK (total > 0)",
                "ALTER TABLE %1$s DROP INDEX i, ALTER INDEX m INVISIBLE, DROP CHECK positive",
                "ALTER TABLE %1$s COMMENT 'shardway:key=user_id, orders'",
                "ALTER TABLE %1$s ENGINE=InnoDB, AUTO_INCREMENT=5000, ROW_FORMAT=COMPRESSED",
                "ALTER TABLE %1$s CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                "CREATE INDEX j ON %1$s (total DESC)",
                "CREATE UNIQUE INDEX k ON %1$s (z, user_id)",
                "DROP INDEX j ON %1$s",
                "ALTER TABLE %1$s RENAME TO %1$s_new",
                "RENAME TABLE %1$s_new TO %1$s",
                "CREATE TABLE %1$s_like LIKE %1$s",
                "TRUNCATE TABLE %1$s",
                "DROP TABLE %1$s_like");
        assertThat(tables(proxy.onShard(1), table)).hasSize(1);
    }

    @Test
    void aDefinitionThatFailsHoldsUpNoLaterStatement() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
            long key = proxy.keyOn(1, 0);
            statement.execute("INSERT INTO " + table + " VALUES (" + key + ", 1)");
            for (int round = 0; round < 10; round++) {
                assertThatThrownBy(() ->
                                statement.execute(
                                        "ALTER TABLE " + table + " ADD CHECK (n > 1000000)"))
                        .satisfies(refused ->
                                assertThat(((SQLException) refused).getErrorCode())
                                        .isEqualTo(3819));
                assertThat(
                                statement.executeUpdate(
                                        "UPDATE "
                                                + table
                                                + " SET n = n + 1 WHERE user_id = "
                                                + key))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void keepsForeignKeysBetweenTablesOfOneKey() throws SQLException {
        same(
                "CREATE TABLE %1$s (user_id BIGINT NOT NULL PRIMARY KEY)",
                "CREATE TABLE %1$s_c (user_id BIGINT NOT NULL, n INT, PRIMARY KEY (user_id, n),"
                        + " CONSTRAINT f%1$s FOREIGN KEY (user_id) REFERENCES %1$s (user_id))",
                "ALTER TABLE %1$s_c ADD COLUMN p BIGINT,"
                        + " ADD CONSTRAINT g%1$s FOREIGN KEY (user_id, n) REFERENCES %1$s_c"
                        + " (user_id, n)",
                "ALTER TABLE %1$s_c DROP FOREIGN KEY g%1$s");
        long key = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            String child = "INSERT INTO " + table + "_c (user_id, n) VALUES (" + key + ", 1)";
            assertThatThrownBy(() -> statement.execute(child))
                    .hasMessageContaining("foreign key constraint fails");
            statement.execute("INSERT INTO " + table + " VALUES (" + key + ")");
            assertThat(statement.executeUpdate(child)).isEqualTo(1);
            assertThatThrownBy(() -> statement.execute("DROP TABLE " + table))
                    .satisfies(refused ->
                            assertThat(((SQLException) refused).getErrorCode()).isEqualTo(3730));
            assertThatThrownBy(() -> statement.execute("TRUNCATE " + table))
                    .satisfies(refused ->
                            assertThat(((SQLException) refused).getErrorCode()).isEqualTo(1701));
            assertThat(
                            statement.executeUpdate(
                                    "DELETE FROM " + table + "_c WHERE user_id = " + key))
                    .isEqualTo(1);
        }
        same("DROP TABLE %1$s_c, %1$s");
    }

    @Test
    void answersWithMySqlsOwnErrorsAndChangesNothing() throws SQLException {
        same(
                "CREATE TABLE %1$s (user_id BIGINT NOT NULL PRIMARY KEY, x INT)",
                "CREATE TABLE %1$s (user_id BIGINT NOT NULL PRIMARY KEY, x INT)",
                "CREATE TABLE IF NOT EXISTS %1$s (user_id BIGINT NOT NULL PRIMARY KEY)",
                "SHOW WARNINGS",
                "ALTER TABLE %1$s ADD COLUMN x INT",
                "ALTER TABLE %1$s DROP COLUMN nosuch",
                "ALTER TABLE %1$s ADD COLUMN y NOSUCHTYPE(",
                "ALTER TABLE %1$s ADD INDEX (nosuch)",
                "CREATE INDEX i ON %1$s (nosuch)",
                "DROP INDEX nosuch ON %1$s",
                "RENAME TABLE %1$s TO %1$s",
                "DROP TABLE IF EXISTS %1$s_nosuch",
                "SHOW WARNINGS",
                "DROP TABLE %1$s_nosuch",
                "ALTER TABLE %1$s_nosuch ADD COLUMN x INT",
                "TRUNCATE %1$s_nosuch",
                "ALTER TABLE %1$s ADD COLUMN z INT NOT NULL DEFAULT 'x'",
                "ALTER TABLE %1$s ADD COLUMN z INT");
    }

    @Test
    void takesTheSessionsSettingsAlong() throws SQLException {
        same(
                "SET sql_mode = 'ANSI_QUOTES,NO_ENGINE_SUBSTITUTION'",
                "CREATE TABLE \"%1$s\" (user_id BIGINT NOT NULL PRIMARY KEY, \"odd name\" INT,"
                        + " d DATE DEFAULT '0000-00-00')",
                "SET sql_mode = DEFAULT, foreign_key_checks = 0, time_zone = '+05:00',"
                        + " explicit_defaults_for_timestamp = 0",
                "CREATE TABLE %1$s_fk (user_id BIGINT NOT NULL PRIMARY KEY,"
                        + " made TIMESTAMP, t TIMESTAMP DEFAULT '2020-01-01 00:00:00')",
                "SET character_set_connection = latin1, collation_connection = latin1_german1_ci",
                "CREATE TABLE %1$s_c (user_id BIGINT NOT NULL PRIMARY KEY,"
                        + " g VARCHAR(20) AS (CONCAT('\u00e4', user_id)) COMMENT '\u00e4\u20ac')");
    }

    @Test
    void makesTablesOfAllKindsAndKeepsThem() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + "_s (name INT PRIMARY KEY, v INT)");
            statement.execute(
                    "CREATE TABLE "
                            + table
                            + "_r (id INT PRIMARY KEY) COMMENT 'shardway:reference'");
            statement.execute("INSERT INTO " + table + "_s VALUES (1, 2), (3, 4)");
            assertThat(
                            statement.executeUpdate(
                                    ("CREATE TABLE %1$s_copy COMMENT 'shardway:single'"
                                                    + " AS SELECT * FROM %1$s_s")
                                            .formatted(table)))
                    .isEqualTo(2);
            statement.execute("ALTER TABLE " + table + "_s ADD COLUMN w INT DEFAULT 9");
            assertThat(column(statement, "SELECT w FROM " + table + "_s")).containsOnly("9");
            refused(statement, "ALTER TABLE " + table + "_r COMMENT 'x'", "SW-2009");
            refused(statement, "ALTER TABLE " + table + "_s ADD COLUMN user_id INT", "SW-2009");
            statement.execute("ALTER TABLE " + table + "_r ADD COLUMN v INT");
            statement.execute("DROP TABLE %1$s_s, %1$s_r, %1$s_copy".formatted(table));
        }
        assertThat(tables(proxy.onShard(1), table)).isEmpty();
        assertThat(tables(proxy.onShard(2), table)).isEmpty();
    }

    @Test
    void readsViewsAsTheTablesTheyShow() throws SQLException {
        long one = proxy.keyOn(1, 0);
        long two = proxy.keyOn(2, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE "
                            + table
                            + " (user_id BIGINT NOT NULL, n INT, PRIMARY KEY (user_id, n))");
            for (long key : List.of(one, two)) {
                statement.execute(
                        "INSERT INTO %s (user_id, n) VALUES (%d, 1), (%d, 2)"
                                .formatted(table, key, key));
            }
            statement.execute(
                    "CREATE VIEW %1$s_v (uid, m) AS SELECT user_id, n + 1 FROM %1$s WHERE n > 1"
                            .formatted(table));
            for (long key : List.of(one, two)) {
                assertThat(
                                column(
                                        statement,
                                        "SELECT m FROM %s_v WHERE uid = %d".formatted(table, key)))
                        .containsExactly("3");
            }
            assertThat(column(statement, "SELECT m FROM " + table + "_v"))
                    .containsExactly("3", "3");
            String distinct = "SELECT COUNT(DISTINCT m) + 10 FROM " + table + "_v";
            assertThat(column(statement, distinct)).containsExactly("11");
            refused(statement, "DELETE FROM %s_v WHERE uid = %d".formatted(table, one), "SW-2006");
            refused(statement, "DROP TABLE " + table, "SW-2045");
            refused(statement, "RENAME TABLE %1$s TO %1$s_x".formatted(table), "SW-2045");
            statement.execute(
                    "CREATE OR REPLACE VIEW %1$s_v AS SELECT user_id, n FROM %1$s"
                            .formatted(table));
            assertThat(
                            column(
                                    statement,
                                    "SELECT n FROM %s_v WHERE user_id = %d ORDER BY n"
                                            .formatted(table, two)))
                    .containsExactly("1", "2");
            statement.execute(
                    "ALTER VIEW %1$s_v AS SELECT user_id, n AS m FROM %1$s".formatted(table));
            assertThat(column(statement, distinct)).containsExactly("12");
            // A column the view needs goes: the view alone is refused.
            statement.execute("ALTER TABLE " + table + " ADD COLUMN spare INT");
            statement.execute("DROP VIEW " + table + "_v");
            refused(
                    statement,
                    "SELECT m FROM %s_v WHERE user_id = %d".formatted(table, two),
                    "SW-2010");
            statement.execute("DROP TABLE " + table);
        }
        assertThat(definers(proxy.onShard(1))).doesNotContain("shardway_p");
    }

    @Test
    void maintainsTablesOnEveryShard() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            for (String words : List.of("ANALYZE TABLE ", "CHECK TABLE ", "OPTIMIZE TABLE ")) {
                try (ResultSet rows = statement.executeQuery(words + table)) {
                    while (rows.next()) {
                        assertThat(rows.getString("Table"))
                                .isEqualTo(proxy.keyspace() + "." + table);
                    }
                }
            }
            assertThat(column(statement, "ANALYZE TABLE " + table)).hasSize(1);
        }
    }

    @Test
    void refusesATableThatTheShardsHaveNotAlike() throws SQLException {
        try (Connection connection = proxy.connect();
                Connection second = proxy.onShard(2);
                Statement there = second.createStatement();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            there.execute("ALTER TABLE " + table + " ADD COLUMN odd INT");
            refused(statement, "ALTER TABLE " + table + " ADD COLUMN x INT", "SW-3047");
            assertThat(createOf(proxy.onShard(1), table)).doesNotContain("`x`");
            there.execute("CREATE TABLE " + table + "_there (x INT)");
            refused(
                    statement,
                    "CREATE TABLE " + table + "_there (user_id BIGINT NOT NULL PRIMARY KEY)",
                    "SW-3047");
            statement.execute("DROP TABLE " + table);
        }
        assertThat(tables(proxy.onShard(2), table)).containsExactly(table + "_there");
    }

    @Test
    void setsAsideATableThatIsGoneAndServesTheOthers() throws SQLException {
        long key = proxy.keyOn(1, 0);
        try (Connection connection = proxy.connect();
                Connection first = proxy.onShard(1);
                Statement there = first.createStatement();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            there.execute("DROP TABLE " + table);
            statement.execute("CREATE TABLE " + table + "_b (user_id BIGINT NOT NULL PRIMARY KEY)");
            statement.execute("INSERT INTO " + table + "_b (user_id) VALUES (" + key + ")");
            refused(statement, "SELECT * FROM " + table + " WHERE user_id = " + key, "SW-3015");
            statement.execute("DROP TABLE IF EXISTS " + table);
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            statement.execute("INSERT INTO " + table + " (user_id) VALUES (" + key + ")");
        }
    }

    @Test
    void waitsForOpenTransactionsAsMySqlDoes() throws SQLException {
        long key = proxy.keyOn(2, 0);
        try (Connection holder = proxy.connect();
                Connection definer = proxy.connect();
                Statement hold = holder.createStatement();
                Statement define = definer.createStatement()) {
            define.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            holder.setAutoCommit(false);
            hold.execute("INSERT INTO " + table + " (user_id) VALUES (" + key + ")");
            define.execute("SET lock_wait_timeout = 1");
            assertThatThrownBy(() -> define.execute("ALTER TABLE " + table + " ADD COLUMN x INT"))
                    .satisfies(refused ->
                            assertThat(((SQLException) refused).getErrorCode()).isEqualTo(1205));
            assertThat(createOf(proxy.onShard(1), table)).doesNotContain("`x`");
            holder.rollback();
            define.execute("ALTER TABLE " + table + " ADD COLUMN x INT");
            long onFirst = proxy.keyOn(1, 0);
            hold.execute("INSERT INTO " + table + " (user_id) VALUES (" + onFirst + ")");
            assertThatThrownBy(() -> define.execute("ALTER TABLE " + table + " DROP COLUMN x"))
                    .satisfies(refused ->
                            assertThat(((SQLException) refused).getErrorCode()).isEqualTo(1205));
            holder.rollback();
            define.execute("ALTER TABLE " + table + " DROP COLUMN x");
        }
        assertThat(createOf(proxy.onShard(1), table))
                .isEqualTo(createOf(proxy.onShard(2), table))
                .doesNotContain("`x`");
    }

    @Test
    void commitsTheSessionsOwnTransactionFirst() throws SQLException {
        long key = proxy.keyOn(1, 1);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (user_id BIGINT NOT NULL PRIMARY KEY)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO " + table + " (user_id) VALUES (" + key + ")");
            statement.execute("ALTER TABLE " + table + " ADD COLUMN x INT");
            connection.rollback();
            assertThat(
                            column(
                                    statement,
                                    "SELECT user_id FROM " + table + " WHERE user_id = " + key))
                    .hasSize(1);
            connection.rollback();
        }
    }

    /** Runs the statements on both sides; then all shards and the direct server have the same. */
    private void same(String... statements) throws SQLException {
        try (SideBySide both = SideBySide.open(proxy)) {
            for (String sql : statements) {
                String here = schemaless(SideBySide.describe(both.proxied(), sql.formatted(table)));
                String there = schemaless(SideBySide.describe(both.direct(), sql.formatted(table)));
                assertThat(here).as(sql.formatted(table)).isEqualTo(there);
                var first = creates(proxy.onShard(1));
                assertThat(creates(proxy.onShard(2))).as("shard 2: " + sql).isEqualTo(first);
                assertThat(
                                creates(
                                        proxy.cluster()
                                                .primary(1)
                                                .connect(SideBySide.directSchema(proxy))))
                        .as("MySQL: " + sql)
                        .isEqualTo(first);
            }
        }
    }

    /** Errors name the schema; an error of the proxy's own is recognized by its number. */
    private static String schemaless(String answer) {
        return answer.replace(SideBySide.directSchema(proxy), "db")
                .replace(proxy.keyspace(), "db")
                .replaceAll("error 1146 42S02 SW-2010.*", "error 1146 42S02")
                .replaceAll("error 1146 42S02 Table.*", "error 1146 42S02")
                .replaceAll("error 1051 42S02 .*", "error 1146 42S02")
                .replaceAll("error (1235|1064) 42000 .*", "error 1064");
    }

    private TreeMap<String, String> creates(Connection connection) throws SQLException {
        var creates = new TreeMap<String, String>();
        try (connection) {
            for (String name : tables(connection, table)) {
                creates.put(name, createOf(connection, name));
            }
        }
        return creates;
    }

    static String createOf(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW CREATE TABLE `" + name + "`")) {
            row.next();
            return row.getString(2).replaceAll(" AUTO_INCREMENT=\\d+", "");
        }
    }

    static List<String> tables(Connection connection, String prefix) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return column(
                    statement,
                    "SELECT table_name FROM information_schema.tables WHERE table_schema ="
                            + " DATABASE() AND (table_name = '"
                            + prefix
                            + "' OR table_name LIKE '"
                            + prefix
                            + "\\_%') ORDER BY 1");
        }
    }

    private static String definers(Connection connection) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement()) {
            return String.join(
                    " ", column(statement, "SELECT definer FROM information_schema.views"));
        }
    }

    private static List<String> column(Statement statement, String sql) throws SQLException {
        var values = new ArrayList<String>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private static void refused(Statement statement, String sql, String code) {
        assertThatThrownBy(() -> statement.execute(sql)).as(sql).hasMessageContaining(code);
    }
}
