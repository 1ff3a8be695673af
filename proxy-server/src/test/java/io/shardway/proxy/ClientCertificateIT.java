package io.shardway.proxy;

import static io.shardway.proxy.AccountFixture.loginCode;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Accounts that must use TLS or a certificate of their own. */
@Timeout(120)
class ClientCertificateIT {

    private static final String PASSWORD = "changeit";

    @TempDir static Path directory;
    private static AccountFixture cluster;
    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        cluster = new AccountFixture();
        makeKey("client", "CN=app, O=Shop, ST=Stockholm, C=SE");
        makeKey("stranger", "CN=app, O=Shop, ST=Stockholm, C=SE");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "key",
                "-keystore",
                store("client"),
                "-storepass",
                PASSWORD,
                "-file",
                directory.resolve("ca.pem").toString());
        proxy =
                cluster.first.another(
                        Map.of(
                                "frontend.tls-client-ca-file",
                                directory.resolve("ca.pem").toString()));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        cluster.close();
    }

    private static void makeKey(String name, String subject) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-dname",
                subject,
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                store(name),
                "-storepass",
                PASSWORD);
    }

    private static String store(String name) {
        return directory.resolve(name + ".p12").toString();
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }

    private static String with(String certificate) {
        return "sslMode=REQUIRED&clientCertificateKeyStoreType=PKCS12&clientCertificateKeyStorePassword="
                + PASSWORD
                + "&clientCertificateKeyStoreUrl=file:"
                + store(certificate);
    }

    private static void make(String name, String requirement) throws SQLException {
        cluster.admin(
                proxy,
                "SHARDWAY CREATE ACCOUNT " + name + " IDENTIFIED BY 'pw' REQUIRE " + requirement);
    }

    @Test
    void anAccountCanRequireTls() throws SQLException {
        make("ssl", "SSL");
        assertThat(loginCode(proxy, "ssl", "pw", "sslMode=DISABLED")).isEqualTo(1045);
        assertThat(loginCode(proxy, "ssl", "pw", "sslMode=REQUIRED")).isZero();
        assertThat(loginCode(proxy, "app", "app", "sslMode=DISABLED")).isZero();
    }

    @Test
    void anAccountCanRequireACertificate() throws SQLException {
        make("x509", "X509");
        assertThat(loginCode(proxy, "x509", "pw", "sslMode=DISABLED")).isEqualTo(1045);
        assertThat(loginCode(proxy, "x509", "pw", "sslMode=REQUIRED")).isEqualTo(1045);
        assertThat(loginCode(proxy, "x509", "wrong", with("client"))).isEqualTo(1045);
        assertThat(loginCode(proxy, "x509", "pw", with("client"))).isZero();
        assertThat(loginCode(proxy, "app", "app", with("client"))).isZero();
    }

    @Test
    void aCertificateOfAnotherAuthorityIsWorthNothing() throws SQLException {
        make("strict", "X509");
        assertThat(loginCode(proxy, "strict", "pw", with("stranger")))
                .isEqualTo(AccountFixture.CUT_OFF);
    }

    @Test
    void anAccountCanRequireTheNameInItsCertificate() throws SQLException {
        String name = "'/C=SE/ST=Stockholm/O=Shop/CN=app'";
        make("subject", "SUBJECT " + name);
        make("both", "SUBJECT " + name + " AND ISSUER " + name);
        make("other", "SUBJECT '/C=SE/ST=Stockholm/O=Shop/CN=other'");
        make("issuer", "ISSUER '/CN=other'");
        assertThat(loginCode(proxy, "subject", "pw", with("client"))).isZero();
        assertThat(loginCode(proxy, "both", "pw", with("client"))).isZero();
        assertThat(loginCode(proxy, "other", "pw", with("client"))).isEqualTo(1045);
        assertThat(loginCode(proxy, "issuer", "pw", with("client"))).isEqualTo(1045);
    }

    @Test
    void aProxyWithoutAnAuthorityTrustsNoCertificate() throws SQLException {
        make("elsewhere", "X509");
        NodeSide.until(
                "the first proxy follows",
                () -> loginCode(cluster.first, "elsewhere", "pw", with("client")) == 1045);
    }
}
