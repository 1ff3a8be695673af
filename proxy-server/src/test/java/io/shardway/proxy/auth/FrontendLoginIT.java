package io.shardway.proxy.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mysql.cj.jdbc.JdbcConnection;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real drivers log in to {@link FrontendLogin}. */
@ExtendWith(LeakWatch.class)
class FrontendLoginIT {

    private static final AuthenticatorSettings NO_DELAY =
            new AuthenticatorSettings(
                    AuthPlugin.CACHING_SHA2_PASSWORD,
                    2,
                    100,
                    1_000,
                    Duration.ZERO,
                    Duration.ZERO,
                    new byte[0]);

    private static LoginServer server;
    private static LoginServer tlsOnly;

    enum Driver {
        CONNECTOR_J("jdbc:mysql", "sslMode=REQUIRED", "sslMode=DISABLED"),
        MARIADB("jdbc:mariadb", "sslMode=trust", "sslMode=disable");

        private final String scheme;
        private final String tls;
        private final String plain;

        Driver(String scheme, String tls, String plain) {
            this.scheme = scheme;
            this.tls = tls;
            this.plain = plain;
        }

        Connection connect(int port, String user, String password, boolean withTls)
                throws SQLException {
            String url =
                    "%s://127.0.0.1:%d/?%s&allowPublicKeyRetrieval=true&connectTimeout=15000"
                            .formatted(scheme, port, withTls ? tls : plain);
            return DriverManager.getConnection(url, user, password);
        }
    }

    @BeforeAll
    static void startServers(@TempDir Path directory) throws Exception {
        SslContext tls = ServerTls.selfSigned(directory.resolve("tls"), Optional.empty());
        server = new LoginServer(settings(tls, false), NO_DELAY);
        tlsOnly = new LoginServer(settings(tls, true), NO_DELAY);
    }

    private static FrontendLoginSettings settings(SslContext tls, boolean required) {
        return new FrontendLoginSettings(
                "8.0.31-Shardway-test",
                LoginServer.CAPABILITIES,
                255,
                Optional.of(tls),
                required,
                false,
                Duration.ofSeconds(20));
    }

    @AfterAll
    static void stopServers() throws Exception {
        server.close();
        tlsOnly.close();
    }

    @BeforeEach
    void makeAccounts() {
        server.logins.clear();
        server.account("sha", AuthPlugin.CACHING_SHA2_PASSWORD, "sécret");
        server.account("native", AuthPlugin.MYSQL_NATIVE_PASSWORD, "sécret");
        server.accounts.put("none", new LoginAccount("none", AuthPlugin.CACHING_SHA2_PASSWORD, ""));
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTOR_J, sha, true", "CONNECTOR_J, sha, false", "CONNECTOR_J, native, true",
        "CONNECTOR_J, native, false", "MARIADB, sha, true", "MARIADB, sha, false",
        "MARIADB, native, true", "MARIADB, native, false"
    })
    void driversLogInByEveryPluginWithAndWithoutTls(Driver driver, String user, boolean tls)
            throws Exception {
        for (int round = 0; round < 3; round++) {
            try (Connection connection = driver.connect(server.port(), user, "sécret", tls)) {
                assertThat(connection.isValid(10)).isTrue();
                LoginResult login = server.logins.poll(10, TimeUnit.SECONDS);
                assertThat(login.user()).isEqualTo(user);
                assertThat(login.tls()).isEqualTo(tls);
                assertThat(login.attributes()).containsKey("_client_name");
                assertThat(login.clientIp().isLoopbackAddress()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CONNECTOR_J, true", "CONNECTOR_J, false", "MARIADB, true", "MARIADB, false"})
    void thePasswordIsCheckedSlowlyOnceAndAgainAfterItChanged(Driver driver, boolean tls)
            throws Exception {
        String user = "cached-" + driver + tls;
        server.account(user, AuthPlugin.CACHING_SHA2_PASSWORD, "one");
        int before = server.slowChecks.get();
        driver.connect(server.port(), user, "one", tls).close();
        assertThat(server.slowChecks.get()).isEqualTo(before + 1);
        driver.connect(server.port(), user, "one", tls).close();
        assertThat(server.slowChecks.get()).isEqualTo(before + 1);

        server.account(user, AuthPlugin.CACHING_SHA2_PASSWORD, "two");
        assertDenied(() -> driver.connect(server.port(), user, "one", tls));
        driver.connect(server.port(), user, "two", tls).close();
        assertThat(server.slowChecks.get()).isEqualTo(before + 3);
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTOR_J, sha, true", "CONNECTOR_J, sha, false", "CONNECTOR_J, native, false",
        "CONNECTOR_J, nobody, true", "CONNECTOR_J, nobody, false", "MARIADB, sha, true",
        "MARIADB, sha, false", "MARIADB, native, true", "MARIADB, nobody, true",
        "MARIADB, nobody, false", "CONNECTOR_J, none, false", "MARIADB, none, true"
    })
    void wrongPasswordsAndUnknownUsersGetTheSameError(Driver driver, String user, boolean tls) {
        assertDenied(() -> driver.connect(server.port(), user, "wrong", tls));
        assertDenied(
                () -> driver.connect(server.port(), user.equals("none") ? "x" : user, "", tls));
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void accountsWithoutAPasswordNeedNone(Driver driver) throws Exception {
        driver.connect(server.port(), "none", "", false).close();
        driver.connect(server.port(), "none", "", true).close();
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void clientsWithoutTlsAreRefusedWhereItIsRequired(Driver driver) throws Exception {
        tlsOnly.account("sha", AuthPlugin.CACHING_SHA2_PASSWORD, "sécret");
        assertThatThrownBy(() -> driver.connect(tlsOnly.port(), "sha", "sécret", false))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(3159))
                .hasMessageContaining("SW-1006");
        driver.connect(tlsOnly.port(), "sha", "sécret", true).close();
    }

    @ParameterizedTest
    @CsvSource({"sha, native, true", "native, sha, false", "sha, sha, false"})
    void usersAreChangedOnALivingConnection(String from, String to, boolean tls) throws Exception {
        try (Connection connection =
                Driver.CONNECTOR_J.connect(server.port(), from, "sécret", tls)) {
            JdbcConnection mysql = connection.unwrap(JdbcConnection.class);
            mysql.changeUser(to, "sécret");
            assertThat(connection.isValid(10)).isTrue();
            assertDenied(() -> mysql.changeUser("nobody", "sécret"));
        }
    }

    @Test
    void answersOfTheProxyCanBeReadByADriver() throws Exception {
        try (Connection connection =
                        Driver.CONNECTOR_J.connect(server.port(), "sha", "sécret", false);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT @@time_zone, @@nothing AS n")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("SYSTEM");
            assertThat(rows.getInt("n")).isEqualTo(1);
            assertThat(rows.next()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"sha, true", "native, true", "native, false"})
    void theCommandLineClientLogsIn(String user, boolean tls) throws Exception {
        Path client = Path.of("/usr/bin/mariadb");
        assumeTrue(Files.isExecutable(client), "the mariadb client is not installed");
        List<String> command = new ArrayList<>();
        command.addAll(List.of(client.toString(), "--no-defaults", "-h127.0.0.1", "-u" + user));
        command.addAll(List.of("-P" + server.port(), "-psécret", tls ? "--ssl" : "--skip-ssl"));
        command.addAll(
                List.of("--default-character-set=utf8mb4", "-N", "-e", "SELECT @@time_zone"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(output.strip()).isEqualTo("SYSTEM");
        assertThat(server.logins.poll(10, TimeUnit.SECONDS).tls()).isEqualTo(tls);
    }

    private static void assertDenied(org.assertj.core.api.ThrowableAssert.ThrowingCallable login) {
        assertThatThrownBy(login)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> {
                            assertThat(e.getErrorCode()).isEqualTo(1045);
                            assertThat(e.getSQLState()).isEqualTo("28000");
                        })
                .hasMessageContaining("SW-1001");
    }
}
