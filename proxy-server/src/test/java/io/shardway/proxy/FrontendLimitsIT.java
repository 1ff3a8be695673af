package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a proxy does not let clients do: too many, too long, too slow, unencrypted. */
@Timeout(60)
class FrontendLimitsIT {

    private static TestProxy proxy;
    private static TestProxy strict;

    @BeforeAll
    static void start() {
        proxy =
                TestProxy.start(
                        Map.of(
                                "frontend.connections-max", "4",
                                "frontend.login-timeout", "2s",
                                "frontend.login-failure-delay", "300ms"));
        strict =
                proxy.another(
                        Map.of("frontend.require-tls", "true", "frontend.proxy-protocol", "true"));
    }

    @AfterAll
    static void stop() {
        strict.close();
        proxy.close();
    }

    @Test
    void refusesOneConnectionTooManyAndTakesTheNextWhenOneLeft() throws Exception {
        NodeSide.until("nobody is connected", () -> proxy.proxy().registry().size() == 0);
        var connections = new ArrayList<Connection>();
        NodeSide.until(
                "all places are free",
                () -> {
                    connections.add(proxy.connect());
                    return connections.size() == 4;
                });
        assertThatThrownBy(proxy::connect)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> {
                            assertThat(refused.getErrorCode()).isEqualTo(1040);
                            assertThat(refused.getSQLState()).isEqualTo("08004");
                        });
        connections.removeLast().close();
        NodeSide.until(
                "the place is free",
                () -> {
                    try {
                        connections.add(proxy.connect());
                        return true;
                    } catch (SQLException full) {
                        return false;
                    }
                });
        for (Connection connection : connections) {
            connection.close();
        }
        NodeSide.until("nobody is connected", () -> proxy.proxy().registry().size() == 0);
    }

    @Test
    void disconnectsAClientThatIsIdleForLongerThanItsWaitTimeout() throws Exception {
        try (RawClient idle = RawClient.connect(proxy)) {
            idle.update("SET SESSION wait_timeout = 1");
            byte[] farewell = idle.packet();
            assertThat(RawClient.errorOf(farewell)).isEqualTo(4031);
            assertThat(idle.sequence()).isZero();
            assertThatThrownBy(idle::packet).isInstanceOf(IOException.class);
        }
    }

    @Test
    void disconnectsAClientThatDoesNotLogIn() throws Exception {
        try (var silent = new RawClient(proxy.proxy().port(), new byte[0])) {
            silent.packet();
            long begin = System.nanoTime();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    silent.packet();
                                }
                            })
                    .isInstanceOf(IOException.class);
            assertThat(System.nanoTime() - begin).isLessThan(NodeSide.BOUND.toNanos());
        }
    }

    @Test
    void answersWrongPasswordsMoreSlowlyAfterSome() throws Exception {
        long begin = System.nanoTime();
        for (int i = 0; i < 8; i++) {
            try (var guesser = new RawClient(proxy.proxy().port(), new byte[0])) {
                assertThat(RawClient.errorOf(guesser.login(proxy.keyspace(), "wrong" + i)))
                        .isEqualTo(1045);
            }
        }
        assertThat((System.nanoTime() - begin) / 1_000_000).isGreaterThan(300);
        try (RawClient right = RawClient.connect(proxy)) {
            right.query("SELECT 1");
            assertThat(RawClient.errorOf(right.packet())).isZero();
        }
    }

    @Test
    void refusesClientsWithoutTlsWhereItIsRequired() throws Exception {
        try (var plain =
                new RawClient(
                        strict.proxy().port(),
                        "PROXY TCP4 10.1.2.3 10.0.0.1 4000 3307\r\n".getBytes(US_ASCII))) {
            assertThat(RawClient.errorOf(plain.login(strict.keyspace(), "native"))).isEqualTo(3159);
        }
    }

    @Test
    void takesTheClientsAddressFromTheProxyProtocol() throws Exception {
        try (TestProxy behind = proxy.another(Map.of("frontend.proxy-protocol", "true"))) {
            byte[] first = "PROXY TCP4 10.1.2.3 10.0.0.1 4000 3307\r\n".getBytes(US_ASCII);
            assertThat(addressSeen(behind, first)).startsWith("10.1.2.3");
            var second = new ByteArrayOutputStream();
            second.write(
                    new byte[] {
                        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
                    });
            second.write(
                    new byte[] {
                        0x21,
                        0x11,
                        0,
                        12,
                        10,
                        9,
                        8,
                        7,
                        10,
                        0,
                        0,
                        1,
                        0x0F,
                        (byte) 0xA0,
                        0x0C,
                        (byte) 0xEB
                    });
            assertThat(addressSeen(behind, second.toByteArray())).startsWith("10.9.8.7");
            try (var without = new RawClient(behind.proxy().port(), new byte[200])) {
                assertThatThrownBy(without::packet).isInstanceOf(IOException.class);
            }
        }
    }

    private static String addressSeen(TestProxy behind, byte[] header) throws IOException {
        try (var client = new RawClient(behind.proxy().port(), header)) {
            assertThat(client.login(behind.keyspace(), "native")[0]).isZero();
            return behind.proxy().server().figures().stream().findFirst().orElseThrow().host();
        }
    }

    @Test
    void servesClientsWithTlsWhereItIsRequired() throws Exception {
        try (TestProxy tls = proxy.another(Map.of("frontend.require-tls", "true"));
                Connection connection =
                        DriverManager.getConnection(tls.url("sslMode=REQUIRED"), "app", "app");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1")) {
            assertThat(rows.next()).isTrue();
            assertThatThrownBy(() ->
                            DriverManager.getConnection(tls.url("sslMode=DISABLED"), "app", "app"))
                    .isInstanceOf(SQLException.class);
        }
    }
}
