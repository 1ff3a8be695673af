package io.shardway.proxy;

import static io.shardway.proxy.AccountFixture.code;
import static io.shardway.proxy.AccountFixture.column;
import static io.shardway.proxy.AccountFixture.connect;
import static io.shardway.proxy.AccountFixture.loginCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** What accounts may do in which keyspace, on real servers. */
@Timeout(120)
class AccountRightsIT {

    private static AccountFixture cluster;

    @BeforeAll
    static void start() throws SQLException {
        cluster = new AccountFixture();
        for (String right : List.of("READ", "WRITE", "ADMIN")) {
            String name =
                    right.equals("ADMIN") ? "keeper" : right.toLowerCase(java.util.Locale.ROOT);
            cluster.admin("SHARDWAY CREATE ACCOUNT %s IDENTIFIED BY 'pw'".formatted(name));
            cluster.admin(
                    cluster.named("SHARDWAY GRANT %s ON {own}.* TO %s".formatted(right, name)));
        }
        cluster.admin("SHARDWAY CREATE ACCOUNT nothing IDENTIFIED BY 'pw'");
        cluster.admin("SHARDWAY CREATE ACCOUNT everywhere IDENTIFIED BY 'pw'");
        cluster.admin("SHARDWAY GRANT READ ON *.* TO everywhere");
        cluster.admin("SHARDWAY CREATE ACCOUNT mixed IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT WRITE ON {own}.* TO mixed"));
        cluster.admin(cluster.named("SHARDWAY GRANT READ ON {other}.* TO mixed"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Each account with the keyspace it has a right on as its current one, if it has one. */
    @ParameterizedTest
    @CsvFileSource(resources = "/account-rights.csv", delimiter = '|', numLinesToSkip = 1)
    void everyStatementNeedsItsRight(
            String sql, int nothing, int read, int write, int admin, int everywhere, int mixed)
            throws SQLException {
        var expected = List.of(nothing, read, write, admin, everywhere, mixed);
        var names = List.of("nothing", "read", "write", "keeper", "everywhere", "mixed");
        for (int index = 0; index < names.size(); index++) {
            try (Connection connection = connect(cluster.first, names.get(index), "pw")) {
                if (index > 0) {
                    assertThat(code(connection, cluster.named("USE {own}"))).isZero();
                }
                connection.setAutoCommit(false);
                assertThat(code(connection, cluster.named(sql)))
                        .as(names.get(index))
                        .isEqualTo(expected.get(index));
                connection.rollback();
            }
        }
    }

    @Test
    void preparedStatementsNeedTheSameRights() throws SQLException {
        try (Connection connection =
                connect(cluster.first, "read", "pw", "useServerPrepStmts=true")) {
            String read = cluster.named("SELECT a FROM {own}.t WHERE user_id = ?");
            try (PreparedStatement statement = connection.prepareStatement(read)) {
                statement.setLong(1, 1);
                statement.executeQuery().close();
            }
            for (String sql :
                    List.of(
                            "SELECT a FROM {other}.t WHERE user_id = ?",
                            "INSERT INTO {own}.t VALUES (?, 1)")) {
                assertThatThrownBy(
                                () -> {
                                    try (PreparedStatement statement =
                                            connection.prepareStatement(cluster.named(sql))) {
                                        statement.setLong(1, 1);
                                        statement.execute();
                                    }
                                })
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                refused -> assertThat(refused.getErrorCode()).isEqualTo(1142));
            }
        }
    }

    @Test
    void aPreparedStatementHearsOfARightThatWasTaken() throws SQLException {
        cluster.admin("SHARDWAY CREATE ACCOUNT taken IDENTIFIED BY 'pw'");
        cluster.admin(cluster.named("SHARDWAY GRANT WRITE ON {own}.* TO taken"));
        try (Connection connection =
                        connect(cluster.first, "taken", "pw", "useServerPrepStmts=true");
                PreparedStatement insert =
                        connection.prepareStatement(
                                cluster.named("INSERT INTO {own}.t VALUES (?, 1)"))) {
            insert.setLong(1, 4711);
            assertThat(insert.executeUpdate()).isEqualTo(1);
            cluster.admin(cluster.named("SHARDWAY REVOKE WRITE ON {own}.* FROM taken"));
            insert.setLong(1, 4712);
            assertThatThrownBy(insert::executeUpdate)
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refused -> assertThat(refused.getErrorCode()).isEqualTo(1142));
            assertThat(
                            column(
                                    connection,
                                    cluster.named(
                                            "SELECT user_id FROM {own}.t WHERE user_id = 4711")))
                    .containsExactly("4711");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nothing, information_schema",
        "read, 'information_schema,{own}'",
        "everywhere, 'information_schema,{own},{other}'",
        "mixed, 'information_schema,{own},{other}'"
    })
    void showsTheKeyspacesThatMayBeRead(String user, String keyspaces) throws SQLException {
        try (Connection connection = connect(cluster.first, user, "pw")) {
            List<String> expected = List.of(cluster.named(keyspaces).split(","));
            assertThat(column(connection, "SHOW DATABASES")).containsExactlyElementsOf(expected);
            assertThat(column(connection, "SHOW SCHEMAS LIKE 'ks%'"))
                    .containsExactlyElementsOf(expected.subList(1, expected.size()));
            assertThat(column(connection, "SHOW DATABASES LIKE 'no such'")).isEmpty();
            assertThat(column(connection, "SHOW DATABASES WHERE 1"))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void aKeyspaceWithoutARightCannotBeChosen() throws SQLException {
        try (Connection connection = connect(cluster.first, "read", "pw")) {
            assertThat(code(connection, cluster.named("USE {other}"))).isEqualTo(1044);
            assertThat(code(connection, "USE nowhere")).isEqualTo(1044);
            assertThat(code(connection, "USE mysql")).isEqualTo(1044);
            assertThat(code(connection, "USE information_schema")).isZero();
            assertThatThrownBy(() -> connection.setCatalog(cluster.other))
                    .isInstanceOf(SQLException.class);
            assertThat(code(connection, cluster.named("USE {own}"))).isZero();
        }
        try (Connection connection = connect(cluster.first, "everywhere", "pw")) {
            assertThat(code(connection, "USE nowhere")).isEqualTo(1049);
        }
        String url = "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true";
        assertThatThrownBy(() ->
                        DriverManager.getConnection(
                                        url.formatted(cluster.first.proxy().port(), cluster.other),
                                        "read",
                                        "pw")
                                .close())
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getErrorCode()).isEqualTo(1044));
    }

    @Test
    void aChangeOfUserChangesTheRights() throws SQLException {
        try (Connection connection = connect(cluster.first, "write", "pw")) {
            String write = cluster.named("INSERT INTO {own}.t VALUES (77, 1)");
            connection.unwrap(JdbcConnection.class).changeUser("read", "pw");
            assertThat(code(connection, write)).isEqualTo(1142);
            assertThat(column(connection, "SELECT CURRENT_USER()")).containsExactly("read@%");
            connection.unwrap(JdbcConnection.class).changeUser("write", "pw");
            assertThat(code(connection, write)).isZero();
        }
    }

    @Test
    void toolsAreToldInMysqlsWords() throws SQLException {
        try (Connection connection = connect(cluster.first, "mixed", "pw")) {
            assertThat(column(connection, "SHOW GRANTS"))
                    .containsExactly(
                            "GRANT USAGE ON *.* TO `mixed`@`%`",
                            cluster.named("GRANT ALL PRIVILEGES ON `{own}`.* TO `mixed`@`%`"),
                            cluster.named("GRANT SELECT, SHOW VIEW ON `{other}`.* TO `mixed`@`%`"));
        }
    }

    /** The reader of a keyspace may do what MySQL lets a user with SELECT do. */
    @ParameterizedTest
    @CsvSource({
        "SELECT * FROM t WHERE user_id = 1, 0",
        "SELECT * FROM t WHERE user_id = 1 FOR SHARE, 0",
        "SELECT * FROM t WHERE user_id = 1 LOCK IN SHARE MODE, 0",
        "SELECT * FROM t WHERE user_id = 1 FOR UPDATE, 1142"
    })
    void lockingReadsNeedWhatMysqlWants(String sql, int expected) throws SQLException {
        String user = "'locks%d'@'%%'".formatted(System.nanoTime());
        String keyspace = cluster.first.keyspace();
        try (Connection root = cluster.first.onShard(1)) {
            for (String step :
                    List.of(
                            "CREATE USER " + user + " IDENTIFIED BY 'pw'",
                            "GRANT SELECT ON `" + keyspace + "`.* TO " + user)) {
                assertThat(code(root, step)).isZero();
            }
            String name = user.substring(1, user.indexOf("'@"));
            var node = cluster.first.cluster().primary(1);
            try (Connection direct =
                    DriverManager.getConnection(
                            "jdbc:mysql://%s:%d/%s?allowPublicKeyRetrieval=true"
                                    .formatted(node.host(), node.port(), keyspace),
                            name,
                            "pw")) {
                assertThat(code(direct, sql)).as("MySQL").isEqualTo(expected);
            } finally {
                assertThat(code(root, "DROP USER " + user)).isZero();
            }
        }
        try (Connection connection = connect(cluster.first, "read", "pw")) {
            assertThat(code(connection, "USE " + keyspace)).isZero();
            assertThat(code(connection, sql)).as("Shardway").isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE USER x IDENTIFIED BY 'y' | SHARDWAY CREATE ACCOUNT",
                "ALTER USER x IDENTIFIED BY 'y' | SHARDWAY ALTER ACCOUNT",
                "SET PASSWORD = 'y' | SHARDWAY ALTER ACCOUNT USER()",
                "SET PASSWORD FOR x = 'y' | SHARDWAY ALTER ACCOUNT",
                "DROP USER x | SHARDWAY DROP ACCOUNT",
                "RENAME USER x TO y | SHARDWAY CREATE ACCOUNT",
                "GRANT SELECT ON a.* TO x | SHARDWAY GRANT",
                "REVOKE SELECT ON a.* FROM x | REVOKE",
                "CREATE ROLE x | SHARDWAY GRANT",
                "SET ROLE x | SHARDWAY GRANT",
                "SHOW CREATE USER x | SHARDWAY SHOW ACCOUNTS",
                "SHOW GRANTS FOR x | SHARDWAY SHOW ACCOUNTS"
            })
    void mysqlsStatementsAreRefusedWithShardwaysNamed(String sql, String advice)
            throws SQLException {
        try (Connection connection = cluster.first.connectAsAdmin();
                var statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refused -> assertThat(refused.getErrorCode()).isEqualTo(1235))
                    .hasMessageContaining(advice);
        }
    }

    @Test
    void anAccountWithoutRightsLogsInAndSeesNothing() throws SQLException {
        assertThat(loginCode(cluster.first, "nothing", "pw")).isZero();
        try (Connection connection = connect(cluster.first, "nothing", "pw")) {
            assertThat(column(connection, "SELECT 1")).containsExactly("1");
            assertThat(column(connection, "SHARDWAY SHOW TABLES")).isEmpty();
            assertThat(code(connection, "SHARDWAY SHOW ACCOUNTS")).isEqualTo(1227);
            assertThat(code(connection, "SHARDWAY SHOW SESSIONS")).isEqualTo(1227);
        }
    }
}
