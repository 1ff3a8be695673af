package io.shardway.proxy.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.shardway.cluster.MySqlNode;
import io.shardway.cluster.TestCluster;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.ServerStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link BackendLogin} logs in at a real MySQL server. */
@ExtendWith(LeakWatch.class)
class BackendLoginIT {

    private static MySqlNode node;
    private static LoginClient client;
    private static SslContext trustAll;
    private static String schema;

    @BeforeAll
    static void makeAccounts() throws Exception {
        schema = TestCluster.freshDatabase();
        node = TestCluster.shared().primaries().getFirst();
        node.execute(
                "CREATE USER login_sha IDENTIFIED WITH caching_sha2_password BY 'sécret'",
                "CREATE USER login_native IDENTIFIED WITH mysql_native_password BY 'sécret'",
                "CREATE USER login_none IDENTIFIED WITH caching_sha2_password BY ''",
                "CREATE USER login_native_none IDENTIFIED WITH mysql_native_password BY ''",
                "CREATE USER login_sha256 IDENTIFIED WITH sha256_password BY 'sécret'",
                "CREATE USER login_locked IDENTIFIED BY 'sécret' ACCOUNT LOCK",
                "GRANT ALL ON " + schema + ".* TO login_sha");
        client = new LoginClient();
        trustAll = BackendTls.trustAll();
    }

    @AfterAll
    static void dropAccounts() throws Exception {
        client.close();
        node.execute(
                "DROP USER login_sha, login_native, login_none, login_native_none, login_sha256,"
                        + " login_locked");
        TestCluster.drop(schema);
    }

    @BeforeEach
    void forget() throws SQLException {
        client.schema = "";
        node.execute("FLUSH PRIVILEGES"); // Empties the server's password cache too.
    }

    @ParameterizedTest
    @CsvSource({
        "login_sha, sécret, DISABLED",
        "login_sha, sécret, PREFERRED",
        "login_sha, sécret, REQUIRED",
        "login_native, sécret, DISABLED",
        "login_native, sécret, REQUIRED",
        "login_none, '', DISABLED",
        "login_none, '', REQUIRED",
        "login_native_none, '', DISABLED"
    })
    void logsInByFullAndFastPath(String user, String password, TlsMode mode) throws Exception {
        for (int round = 0; round < 2; round++) {
            BackendHello hello = Until.done(login(user, password, mode, trustAll));
            assertThat(hello.serverVersion()).startsWith("8.0.");
            assertThat(hello.connectionId()).isPositive();
            assertThat(hello.status() & ServerStatus.AUTOCOMMIT).isNotZero();
            assertThat(Capabilities.has(hello.capabilities(), Capabilities.SSL))
                    .isEqualTo(mode != TlsMode.DISABLED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "login_sha, wrong, DISABLED, 1045",
        "login_sha, wrong, REQUIRED, 1045",
        "login_native, wrong, DISABLED, 1045",
        "login_sha, '', REQUIRED, 1045",
        "login_locked, sécret, REQUIRED, 3118"
    })
    void tellsTheNodesError(String user, String password, TlsMode mode, int code) throws Exception {
        assertThat(errorOf(login(user, password, mode, trustAll)).code()).isEqualTo(code);
    }

    /** For a name it does not know a node asks for a plugin of its own random choice. */
    @Test
    void doesNotLogInAsNobody() {
        assertThatThrownBy(() -> Until.done(login("nobody", "wrong", TlsMode.REQUIRED, trustAll)))
                .hasCauseInstanceOf(BackendLoginException.class);
    }

    @Test
    void namesTheSchema() throws Exception {
        client.schema = schema;
        Until.done(login("login_sha", "sécret", TlsMode.REQUIRED, trustAll));
        client.schema = "no_such_schema";
        assertThat(errorOf(login("root", node.rootPassword(), TlsMode.REQUIRED, trustAll)).code())
                .isEqualTo(1049);
    }

    @Test
    void readsAnErrorThatComesInsteadOfAGreeting() throws Exception {
        int before = (int) number("SELECT @@max_connections");
        try (Connection one = node.connect();
                Connection two = node.connect();
                Connection three = node.connect()) {
            node.execute("SET GLOBAL max_connections = 1");
            ErrPacket error = errorOf(login("login_native", "sécret", TlsMode.REQUIRED, trustAll));
            assertThat(error.code()).isEqualTo(1040);
            assertThat(error.text()).isEqualTo("Too many connections");
            restore(one, before);
            assertThat(two.isValid(5) && three.isValid(5)).isTrue();
        }
        Until.done(login("login_native", "sécret", TlsMode.REQUIRED, trustAll));
    }

    private static void restore(Connection connection, int maxConnections) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET GLOBAL max_connections = " + maxConnections);
        }
    }

    @Test
    void refusesAPluginThatIsNotOffered() {
        assertThatThrownBy(() ->
                        Until.done(login("login_sha256", "sécret", TlsMode.REQUIRED, trustAll)))
                .hasMessageContaining("sha256_password, which is not offered");
    }

    @Test
    void trustsOnlyTheAuthorityThatIsGiven(@TempDir Path directory) throws Exception {
        SslContext trusting = BackendTls.trusting(Path.of(text("SELECT @@datadir"), "ca.pem"));
        Until.done(login("login_sha", "sécret", TlsMode.REQUIRED, trusting));
        FrontendLoginSettings settings =
                new FrontendLoginSettings(
                        "8.0.31-stranger",
                        LoginServer.CAPABILITIES,
                        255,
                        Optional.of(ServerTls.selfSigned(directory, Optional.empty())),
                        false,
                        false,
                        Duration.ofSeconds(20));
        try (LoginServer stranger = new LoginServer(settings, AuthenticatorSettings.DEFAULTS)) {
            stranger.account("login_sha", AuthPlugin.CACHING_SHA2_PASSWORD, "sécret");
            int port = stranger.port();
            assertThatThrownBy(() ->
                            Until.done(
                                    client.login(
                                            port,
                                            "login_sha",
                                            "sécret",
                                            TlsMode.REQUIRED,
                                            trusting)))
                    .hasMessageContaining("no TLS with the node");
        }
    }

    private static CompletableFuture<BackendHello> login(
            String user, String password, TlsMode mode, SslContext tls) throws SSLException {
        return client.login(node.port(), user, password, mode, tls);
    }

    private static ErrPacket errorOf(CompletableFuture<BackendHello> login) throws Exception {
        try {
            Until.done(login);
            throw new AssertionError("logged in");
        } catch (ExecutionException failure) {
            BackendLoginException refused = (BackendLoginException) failure.getCause();
            return refused.error().orElseThrow(() -> new AssertionError(refused));
        }
    }

    private static long number(String query) throws SQLException {
        return Long.parseLong(text(query));
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = node.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
