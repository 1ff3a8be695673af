package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a session may ask about its last statement, while another one works on the same backend
 * connection.
 */
@Timeout(120)
@SuppressWarnings("try") // Closing early is what these tests are about.
class OwnAnswersIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of("backend.connections-max", "1", "frontend.event-loops", "1"));
        SideBySide.prepare(
                proxy,
                "CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(5), n BIGINT)",
                "CREATE TABLE orders (order_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                        + " user_id BIGINT NOT NULL, note VARCHAR(20), KEY (user_id))",
                "CREATE TABLE items (item_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                        + " user_id BIGINT NOT NULL, name VARCHAR(9), UNIQUE KEY (user_id, name))");
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void anExplicitIdDoesNotChangeTheLastInsertId() throws SQLException {
        long user = proxy.keyOn(1, 0);
        try (Connection a = proxy.connect();
                Connection b = proxy.connect()) {
            long first = insert(a, "INSERT INTO orders (user_id, note) VALUES (" + user + ", 'a')");
            long other = insert(b, "INSERT INTO orders (user_id, note) VALUES (" + user + ", 'b')");
            assertThat(other).isGreaterThan(first);
            assertThat(lastId(a)).isEqualTo(first);
            assertThat(lastId(b)).isEqualTo(other);
            long explicit = 1_000_000;
            assertThat(insert(a, "INSERT INTO orders VALUES (" + explicit + ", " + user + ", 'x')"))
                    .isEqualTo(explicit);
            assertThat(lastId(a)).isEqualTo(first);
            assertThat(lastId(b)).isEqualTo(other);
            assertThat(
                            insert(
                                    b,
                                    "INSERT INTO orders VALUES ("
                                            + (explicit + 1)
                                            + ", "
                                            + user
                                            + ", 'x')"))
                    .isEqualTo(explicit + 1);
            assertThat(lastId(b)).isEqualTo(other);
            try (Statement statement = a.createStatement()) {
                statement.execute("SET @id = LAST_INSERT_ID(), @c = CONNECTION_ID()");
                assertThat(number(b, "SELECT LAST_INSERT_ID()")).isEqualTo(other);
                assertThat(number(a, "SELECT @id")).isEqualTo(first);
                assertThat(number(a, "SELECT @c = CONNECTION_ID()")).isEqualTo(1);
            }
        }
        try (Connection fresh = proxy.connect()) {
            assertThat(lastId(fresh)).isZero();
        }
    }

    @Test
    void severalRowsGiveTheFirstId() throws SQLException {
        long user = proxy.keyOn(1, 1);
        try (Connection a = proxy.connect("useServerPrepStmts=true")) {
            long first =
                    insert(
                            a,
                            "INSERT INTO orders (user_id) VALUES (%1$d), (%1$d), (%1$d)"
                                    .formatted(user));
            assertThat(lastId(a)).isEqualTo(first);
            try (var insert =
                    a.prepareStatement("INSERT INTO orders (user_id, note) VALUES (?, ?)")) {
                insert.setLong(1, user);
                insert.setString(2, "p");
                insert.executeUpdate();
            }
            assertThat(lastId(a)).isGreaterThan(first);
            try (var select =
                    a.prepareStatement(
                            "SELECT COUNT(*) FROM orders WHERE user_id = ? AND order_id = LAST_INSERT_ID()")) {
                select.setLong(1, user);
                try (ResultSet rows = select.executeQuery()) {
                    rows.next();
                    assertThat(rows.getInt(1)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void theLastInsertIdIsMySqlsWhoeverUsedTheConnectionBefore() throws SQLException {
        long user = proxy.keyOn(1, 5);
        long stranger = proxy.keyOn(1, 6);
        String[] statements = {
            "INSERT INTO items (user_id, name) VALUES (U, 'a')",
            "INSERT INTO items (user_id, name) VALUES (U, 'b'), (U, 'c')",
            "INSERT IGNORE INTO items (user_id, name) VALUES (U, 'a')",
            "INSERT IGNORE INTO items (user_id, name) VALUES (U, 'd'), (U, 'a')",
            "INSERT INTO items (user_id, name) VALUES (U, 'd') ON DUPLICATE KEY UPDATE name = 'e'",
            "INSERT INTO items (user_id, name) VALUES (U, 'f') ON DUPLICATE KEY UPDATE name = 'x'",
            "INSERT INTO items (user_id, name) VALUES (U, 'a')",
            "REPLACE INTO items (user_id, name) VALUES (U, 'a')",
            "INSERT INTO items VALUES (500000, U, 'g')",
            "INSERT INTO items VALUES (NULL, U, 'h')",
            "INSERT INTO items VALUES (0, U, 'i'), (700000, U, 'j')",
            "INSERT INTO items SET user_id = U, name = 'k'",
            "UPDATE items SET name = 'l' WHERE user_id = U AND name = 'k'",
            "UPDATE items SET name = 'a' WHERE user_id = U AND name = 'l'",
            "INSERT INTO items (user_id, name) SELECT user_id, 'm' FROM items"
                    + " WHERE user_id = U AND name = 'a'",
            "INSERT INTO items (user_id, name) VALUES (U, 'n'), (U, 'a')",
            "INSERT INTO items (user_id, name) VALUES (U, LAST_INSERT_ID(5))",
            "DELETE FROM items WHERE user_id = U AND name = 'm'"
        };
        try (SideBySide both = SideBySide.open(proxy);
                SideBySide noise = SideBySide.open(proxy)) {
            int n = 0;
            for (String sql : statements) {
                both.same(sql.replaceAll("\\bU\\b", Long.toString(user)));
                both.same(lastOf(user));
                noise.same(
                        "INSERT INTO items (user_id, name) VALUES (" + stranger + ", " + n++ + ")");
                noise.same(lastOf(stranger));
                both.same(lastOf(user));
            }
        }
    }

    /** Ids differ between a sharded keyspace and a server; the rows they belong to do not. */
    private static String lastOf(long user) {
        return "SELECT name FROM items WHERE user_id = " + user + " AND item_id = LAST_INSERT_ID()";
    }

    @Test
    void theFunctionWithAnArgumentSetsTheValue() throws SQLException {
        long user = proxy.keyOn(1, 2);
        try (SideBySide both = SideBySide.open(proxy);
                Connection other = proxy.connect()) {
            both.same("SELECT LAST_INSERT_ID(77)");
            lastId(other);
            both.same("SELECT LAST_INSERT_ID(), @@last_insert_id, @@identity");
            both.same("INSERT INTO users VALUES (" + user + ", 'a', 5)");
            both.same("SELECT LAST_INSERT_ID()");
            both.same("UPDATE users SET n = LAST_INSERT_ID(n + 1) WHERE user_id = " + user);
            lastId(other);
            both.same("SELECT LAST_INSERT_ID()");
            both.same("DO LAST_INSERT_ID(18446744073709551615)");
            both.same("SELECT LAST_INSERT_ID()");
            both.same("SET @x = LAST_INSERT_ID(12)");
            both.same("SELECT LAST_INSERT_ID(), @x");
            both.same("SELECT LAST_INSERT_ID(0)");
            both.same("SELECT LAST_INSERT_ID()");
        }
    }

    @Test
    void countsAndWarningsAreTheSessionsOwn() throws SQLException {
        long user = proxy.keyOn(1, 3);
        String key = " WHERE user_id = " + user;
        try (SideBySide both = SideBySide.open(proxy);
                SideBySide noise = SideBySide.open(proxy)) {
            String[] statements = {
                "INSERT INTO users VALUES (" + user + ", 'a', 1)",
                "SELECT ROW_COUNT()",
                "SELECT ROW_COUNT()",
                "UPDATE users SET n = 2" + key,
                "SELECT ROW_COUNT(), FOUND_ROWS()",
                "SELECT * FROM users" + key,
                "SELECT FOUND_ROWS(), ROW_COUNT()",
                "SELECT user_id FROM users" + key + " AND n = -1",
                "SELECT FOUND_ROWS()",
                "SELECT SQL_CALC_FOUND_ROWS 1 UNION SELECT 2 UNION SELECT 3 LIMIT 1",
                "SELECT FOUND_ROWS()",
                "INSERT INTO users VALUES (" + user + ", 'far too long', 1)",
                "SHOW WARNINGS",
                "SHOW COUNT(*) WARNINGS",
                "SHOW ERRORS",
                "SHOW COUNT(*) ERRORS",
                "SELECT @@warning_count",
                "SELECT @@error_count",
                "INSERT IGNORE INTO users VALUES (" + user + ", 'far too long', 1)",
                "SHOW WARNINGS",
                "SELECT @@warning_count",
                "SHOW WARNINGS",
                "SHOW WARNINGS LIMIT 1",
                "SHOW WARNINGS LIMIT 1, 5",
                "SELECT 1 / 0, 'x' + 1",
                "SHOW WARNINGS",
                "SELECT 1",
                "SHOW WARNINGS",
                "SELECT no_such_column",
                "SHOW WARNINGS",
                "SELEC",
                "SHOW ERRORS",
                "SELECT ROW_COUNT()",
                "SET @x = 1",
                "SELECT ROW_COUNT()",
                "SET sql_mode = 'NO_ZERO_DATE'",
                "SHOW WARNINGS",
                "BEGIN",
                "SELECT ROW_COUNT()",
                "ROLLBACK",
                "DELETE FROM users" + key,
                "SELECT ROW_COUNT()",
                "DO 1",
                "SELECT ROW_COUNT(), FOUND_ROWS()"
            };
            boolean open = false;
            for (String sql : statements) {
                both.same(sql);
                open = sql.equals("BEGIN") || (open && !sql.equals("ROLLBACK"));
                if (!open) {
                    noise.same("SELECT 1 / 0 UNION ALL SELECT 2 UNION ALL SELECT 4");
                }
            }
        }
    }

    @Test
    void aSchemaChosenByOneSessionIsNotSeenByAnother() throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/?allowPublicKeyRetrieval=true"
                        .formatted(proxy.proxy().port());
        try (Connection a = DriverManager.getConnection(url, "app", "app");
                Statement statement = a.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("SELECT 1");
            statement.execute("USE " + proxy.keyspace());
            statement.execute("SELECT DATABASE()");
            statement.execute("COMMIT");
            assertThat(SideBySide.describe(a, "SELECT DATABASE()")).contains(proxy.keyspace());
        }
        try (Connection b = DriverManager.getConnection(url, "app", "app")) {
            assertThat(SideBySide.describe(b, "SELECT DATABASE()")).contains("|null");
            assertThat(SideBySide.describe(b, "SELECT * FROM users WHERE user_id = 1"))
                    .startsWith("error");
        }
    }

    @Test
    void aSessionKnowsItself() throws SQLException {
        try (Connection a = proxy.connect();
                Connection b = proxy.connect()) {
            assertThat(number(a, "SELECT CONNECTION_ID()"))
                    .isNotEqualTo(number(b, "SELECT CONNECTION_ID()"))
                    .isEqualTo(number(a, "SELECT @@pseudo_thread_id"));
            assertThat(
                            SideBySide.describe(
                                    a,
                                    "SELECT USER(), CURRENT_USER(), CURRENT_USER, SESSION_USER()"))
                    .containsPattern("\\|app@[^,]+, app@%, app@%, app@[^,]+, ");
            try (Statement statement = a.createStatement()) {
                statement.execute("SET @u = CURRENT_USER(), @v = USER()");
            }
            assertThat(SideBySide.describe(a, "SELECT @u, @v"))
                    .containsPattern("\\|app@%, app@[^,%]+, ");
        }
    }

    @Test
    void aLockPinsItsConnection() throws SQLException {
        try (TestProxy roomy =
                        proxy.another(
                                Map.of(
                                        "backend.connections-max",
                                        "3",
                                        "frontend.event-loops",
                                        "1"));
                Connection a = roomy.connect();
                Connection b = roomy.connect()) {
            assertThat(number(a, "SELECT GET_LOCK('shardway-test', 0)")).isEqualTo(1);
            for (int i = 0; i < 5; i++) {
                assertThat(number(b, "SELECT GET_LOCK('shardway-test', 0)")).isZero();
                assertThat(number(a, "SELECT 1")).isEqualTo(1);
            }
            assertThat(number(a, "SELECT RELEASE_LOCK('shardway-test')")).isEqualTo(1);
            assertThat(number(b, "SELECT GET_LOCK('shardway-test', 0)")).isEqualTo(1);
            b.close();
            long end = System.nanoTime() + 10_000_000_000L;
            while (number(a, "SELECT GET_LOCK('shardway-test', 0)") == 0) {
                assertThat(System.nanoTime())
                        .as("the lock of a closed session is free")
                        .isLessThan(end);
            }
        }
    }

    private static long insert(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS);
            try (ResultSet keys = statement.getGeneratedKeys()) {
                keys.next();
                return keys.getLong(1);
            }
        }
    }

    private static long lastId(Connection connection) throws SQLException {
        return number(connection, "SELECT LAST_INSERT_ID()");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
