package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mysql.cj.jdbc.JdbcConnection;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connection settings of Connector/J, resets, changes of user, and pools. */
@Timeout(90)
class JdbcSessionIT {

    private static Twin twin;

    @BeforeAll
    static void start() throws SQLException {
        twin =
                Twin.start(
                        "CREATE TABLE words (user_id BIGINT NOT NULL PRIMARY KEY, word VARCHAR(50) CHARACTER SET utf8mb4)");
        for (Connection connection : List.of(twin.direct(""), twin.proxied(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (int shard = 1; shard <= 2; shard++) {
                    statement.execute(
                            "INSERT INTO words VALUES (" + twin.keyOn(shard, 0) + ", 'größer')");
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        twin.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "characterEncoding=latin1",
                "characterEncoding=latin1&useServerPrepStmts=true",
                "characterEncoding=UTF-8&connectionCollation=utf8mb4_bin",
                "connectionCollation=latin1_german1_ci",
                "characterEncoding=UTF-8&characterSetResults=latin1",
                "sessionVariables=sql_mode='ANSI_QUOTES',time_zone='%2B02:00'",
                "sessionVariables=sql_select_limit=5;max_join_size=1000000",
                "detectCustomCollations=true",
                "useInformationSchema=false&cacheServerConfiguration=true",
                "connectionAttributes=program:test,team:a",
                "useCompression=true"
            })
    void settingsAreThoseMySqlWouldHave(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (String variable :
                                List.of(
                                        "character_set_client",
                                        "character_set_connection",
                                        "character_set_results",
                                        "collation_connection",
                                        "sql_mode",
                                        "time_zone",
                                        "sql_select_limit",
                                        "max_join_size")) {
                            transcript.run(statement, "SELECT @@" + variable);
                        }
                        transcript.run(statement, "SHOW VARIABLES LIKE 'character\\_set\\_c%'");
                        for (int shard = 1; shard <= 2; shard++) {
                            long key = twin.keyOn(shard, 0);
                            transcript.run(
                                    statement,
                                    "SELECT word, HEX(word), 'ä', LENGTH('ä') FROM words WHERE user_id = "
                                            + key);
                            try (PreparedStatement update =
                                    connection.prepareStatement(
                                            "UPDATE words SET word = ? WHERE user_id = ?")) {
                                update.setString(1, "Grüße");
                                update.setLong(2, key);
                                transcript.attempt(update::executeUpdate);
                                update.setString(1, "größer");
                                transcript.attempt(update::executeUpdate);
                            }
                            transcript.run(
                                    statement,
                                    "SELECT word FROM words WHERE user_id = "
                                            + key
                                            + " AND word = 'GRÖßER'");
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslMode=DISABLED",
                "sslMode=PREFERRED",
                "sslMode=REQUIRED",
                "sslMode=REQUIRED&useServerPrepStmts=true"
            })
    void connectsWithAndWithoutTls(String parameters) throws SQLException {
        try (Connection connection = twin.proxied(parameters);
                Statement statement = connection.createStatement()) {
            for (int shard = 1; shard <= 2; shard++) {
                try (ResultSet rows =
                        statement.executeQuery(
                                "SELECT word FROM words WHERE user_id = " + twin.keyOn(shard, 0))) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo("größer");
                }
            }
        }
    }

    @Test
    void aWrongPasswordAndAnUnknownKeyspaceAreRefusedAsByMySql() {
        assertThatThrownBy(() -> DriverManager.getConnection(twin.proxy().url(), "app", "wrong"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        failed -> assertThat(failed.getErrorCode()).isEqualTo(1045));
        String url = twin.proxy().url().replace(twin.proxy().keyspace(), "not_there");
        assertThatThrownBy(() -> DriverManager.getConnection(url, "app", "app"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        failed -> assertThat(failed.getErrorCode()).isEqualTo(1049));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "useServerPrepStmts=true"})
    void resetServerStateForgetsWhatTheSessionSet(String parameters) throws SQLException {
        twin.same(
                parameters,
                (connection, transcript) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (int i = 0; i < 2; i++) {
                            transcript.run(
                                    statement,
                                    "SELECT @a IS NULL, @@sql_select_limit, @@autocommit");
                            transcript.run(statement, "SELECT LAST_INSERT_ID()");
                            statement.execute("SET @a = 5, SESSION sql_select_limit = 3");
                            statement.execute("SELECT LAST_INSERT_ID(77)");
                            transcript.run(statement, "SELECT @a, @@sql_select_limit");
                            transcript.run(statement, "SELECT LAST_INSERT_ID()");
                            connection.setAutoCommit(false);
                            statement.executeUpdate(
                                    "UPDATE words SET word = 'lost' WHERE user_id = "
                                            + twin.keyOn(2, 0));
                            connection.unwrap(JdbcConnection.class).resetServerState();
                            connection.setAutoCommit(true);
                            transcript.run(
                                    statement,
                                    "SELECT word FROM words WHERE user_id = " + twin.keyOn(2, 0));
                        }
                    }
                });
    }

    @Test
    void changeUserLogsInAgain() throws SQLException {
        try (Connection connection = twin.proxied("");
                Statement statement = connection.createStatement()) {
            statement.execute("SET @a = 1");
            connection.unwrap(JdbcConnection.class).changeUser("reader", "reader");
            assertThat(value(connection, "SELECT CURRENT_USER()")).startsWith("reader@");
            assertThat(value(connection, "SELECT @a")).isNull();
            assertThat(value(connection, "SELECT DATABASE()")).isEqualTo(twin.proxy().keyspace());
            assertThat(
                            value(
                                    connection,
                                    "SELECT word FROM words WHERE user_id = " + twin.keyOn(2, 0)))
                    .isEqualTo("größer");
            assertThatThrownBy(() ->
                            connection
                                    .createStatement()
                                    .executeUpdate(
                                            "UPDATE words SET word = 'x' WHERE user_id = "
                                                    + twin.keyOn(1, 0)))
                    .hasMessageContaining("SW-");
            connection.unwrap(JdbcConnection.class).changeUser("app", "app");
            assertThat(value(connection, "SELECT CURRENT_USER()")).startsWith("app@");
        }
    }

    @Test
    void setCatalogAndIsValidWork() throws SQLException {
        String keyspace = twin.proxy().keyspace();
        try (Connection connection = twin.proxied("")) {
            assertThat(connection.getCatalog()).isEqualTo(keyspace);
            assertThat(connection.isValid(5)).isTrue();
            connection.setCatalog("information_schema");
            assertThat(value(connection, "SELECT DATABASE()")).isEqualTo("information_schema");
            assertThat(
                            value(
                                    connection,
                                    "SELECT word FROM `"
                                            + keyspace
                                            + "`.words WHERE user_id = "
                                            + twin.keyOn(2, 0)))
                    .isEqualTo("größer");
            connection.setCatalog(keyspace);
            assertThat(
                            value(
                                    connection,
                                    "SELECT word FROM words WHERE user_id = " + twin.keyOn(2, 0)))
                    .isEqualTo("größer");
            assertThatThrownBy(() -> connection.setCatalog("not_there"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failed -> assertThat(failed.getErrorCode()).isEqualTo(1049));
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true&cachePrepStmts=true&rewriteBatchedStatements=true&useLocalSessionState=true"
            })
    void aPoolOfConnectionsServesManyThreads(String parameters) throws Exception {
        var config = new HikariConfig();
        config.setJdbcUrl(twin.proxy().url(parameters));
        config.setUsername("app");
        config.setPassword("app");
        config.setMaximumPoolSize(8);
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionInitSql("SET @pooled = 1");
        try (var pool = new HikariDataSource(config);
                var threads = Executors.newFixedThreadPool(16)) {
            var done = new ArrayList<Future<?>>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                done.add(
                        threads.submit(() -> {
                            long key = twin.keyOn(1 + number % 2, 10 + number % 16);
                            try (Connection connection = pool.getConnection();
                                    PreparedStatement insert =
                                            connection.prepareStatement(
                                                    "INSERT INTO words VALUES (?, ?) ON DUPLICATE KEY UPDATE word = VALUES(word)")) {
                                assertThat(value(connection, "SELECT @pooled")).isEqualTo("1");
                                assertThat(value(connection, "SELECT @@transaction_isolation"))
                                        .isEqualTo("READ-COMMITTED");
                                insert.setLong(1, key);
                                insert.setString(2, "word " + number % 16);
                                insert.executeUpdate();
                                if (number % 5 == 0) {
                                    connection.rollback();
                                } else {
                                    connection.commit();
                                }
                                connection.setReadOnly(number % 3 == 0);
                                assertThat(
                                                value(
                                                        connection,
                                                        "SELECT COUNT(*) FROM words WHERE user_id = "
                                                                + key))
                                        .isIn("0", "1");
                            }
                            return null;
                        }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).as(sql).isTrue();
            return rows.getString(1);
        }
    }
}
