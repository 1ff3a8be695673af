package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MariaDB's own JDBC driver, and Hikari above both drivers. */
@Timeout(120)
class MariaDbConnectorIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection connection = proxy.connect()) {
            SideBySide.describe(
                    connection,
                    "CREATE TABLE items (user_id BIGINT NOT NULL, item BIGINT NOT NULL, name VARCHAR(50),"
                            + " price DECIMAL(20, 4), PRIMARY KEY (user_id, item))");
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static String url(String parameters) {
        return "jdbc:mariadb://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&%s"
                .formatted(proxy.proxy().port(), proxy.keyspace(), parameters);
    }

    private static Connection connect(String parameters) throws SQLException {
        return DriverManager.getConnection(url(parameters), "app", "app");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "useServerPrepStmts=true",
                "useServerPrepStmts=true&useBulkStmts=true",
                "useBulkStmts=false",
                "useBulkStmtsForInserts=false&useBulkStmts=true",
                "useServerPrepStmts=true&allowMultiQueries=true&cachePrepStmts=false",
                "sslMode=trust",
                "useServerPrepStmts=true&sslMode=trust&usePipelineAuth=false"
            })
    void writesAndReads(String parameters) throws SQLException {
        long user = proxy.keyOn(1 + parameters.length() % 2, parameters.length());
        try (Connection connection = connect(parameters)) {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO items VALUES (?, ?, ?, ?)")) {
                for (int item = 0; item < 5; item++) {
                    insert.setLong(1, user);
                    insert.setInt(2, item);
                    insert.setString(3, item == 3 ? null : "Zoë's " + item);
                    insert.setBigDecimal(
                            4, new BigDecimal("12.3400").add(BigDecimal.valueOf(item)));
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(5);
            }
            try (PreparedStatement select =
                    connection.prepareStatement(
                            "SELECT item, name, price FROM items WHERE user_id = ? ORDER BY item")) {
                for (int again = 0; again < 3; again++) {
                    select.setLong(1, user);
                    try (ResultSet rows = select.executeQuery()) {
                        for (int item = 0; item < 5; item++) {
                            assertThat(rows.next()).isTrue();
                            assertThat(rows.getInt(1)).isEqualTo(item);
                            assertThat(rows.getString("name"))
                                    .isEqualTo(item == 3 ? null : "Zoë's " + item);
                            assertThat(rows.getBigDecimal(3))
                                    .isEqualTo(new BigDecimal((12 + item) + ".3400"));
                        }
                        assertThat(rows.next()).isFalse();
                    }
                }
            }
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate("DELETE FROM items WHERE user_id = " + user))
                        .isEqualTo(5);
                var savepoint = connection.setSavepoint("s1");
                connection.rollback(savepoint);
                connection.rollback();
            }
            connection.setAutoCommit(true);
            assertThat(
                            SideBySide.describe(
                                    connection,
                                    "SELECT COUNT(*) FROM items WHERE user_id = " + user))
                    .contains("|5,");
        }
    }

    @Test
    void knowsItsSession() throws SQLException {
        try (Connection connection = connect("")) {
            assertThat(connection.getMetaData().getDatabaseProductVersion()).contains("Shardway");
            assertThat(connection.getCatalog()).isEqualTo(proxy.keyspace());
            for (int level :
                    new int[] {
                        Connection.TRANSACTION_READ_COMMITTED,
                        Connection.TRANSACTION_SERIALIZABLE,
                        Connection.TRANSACTION_REPEATABLE_READ
                    }) {
                connection.setTransactionIsolation(level);
                assertThat(connection.getTransactionIsolation()).isEqualTo(level);
            }
            SideBySide.describe(
                    connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED");
            assertThat(connection.getTransactionIsolation())
                    .isEqualTo(Connection.TRANSACTION_READ_UNCOMMITTED);
            connection.setReadOnly(true);
            connection.setReadOnly(false);
            SideBySide.describe(connection, "SET autocommit = 0");
            assertThat(connection.getAutoCommit()).isFalse();
            connection.setAutoCommit(true);
            SideBySide.describe(connection, "USE information_schema");
            assertThat(connection.getCatalog()).isEqualTo("information_schema");
            connection.setCatalog(proxy.keyspace());
            assertThat(connection.isValid(5)).isTrue();
            assertThatThrownBy(() -> connection.createStatement().execute("SELEC"))
                    .isInstanceOf(SQLException.class)
                    .extracting(failed -> ((SQLException) failed).getErrorCode())
                    .isEqualTo(1064);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb"})
    void hikariLendsTestsAndResets(String driver) throws SQLException {
        var config = new HikariConfig();
        config.setJdbcUrl(driver.equals("mysql") ? proxy.url() : url(""));
        config.setUsername("app");
        config.setPassword("app");
        config.setMaximumPoolSize(2);
        config.setConnectionInitSql("SET @pool = 'hikari'");
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            for (int i = 0; i < 6; i++) {
                try (Connection connection = pool.getConnection()) {
                    assertThat(
                                    SideBySide.describe(
                                            connection, "SELECT @pool, @@transaction_isolation"))
                            .contains("|hikari, READ-COMMITTED, ");
                    connection.setAutoCommit(false);
                    connection.setReadOnly(i % 2 == 1);
                    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                    SideBySide.describe(connection, "SELECT * FROM items WHERE user_id = 1");
                }
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(connection.isReadOnly()).isFalse();
                assertThat(connection.getNetworkTimeout()).isZero();
            }
        }
    }
}
