package io.shardway.proxy.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.HandshakeResponse;
import io.shardway.proxy.protocol.HandshakeV10;
import io.shardway.proxy.protocol.PacketDecoder;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.Scrambles;
import io.shardway.proxy.protocol.Wire;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our two logins talk to each other, and strangers to ours. */
@ExtendWith(LeakWatch.class)
class LoginPairTest {

    private static final AuthenticatorSettings NO_DELAY =
            new AuthenticatorSettings(
                    AuthPlugin.CACHING_SHA2_PASSWORD,
                    2,
                    100,
                    1_000,
                    Duration.ZERO,
                    Duration.ZERO,
                    new byte[0]);

    private static SslContext serverTls;
    private static SslContext clientTls;
    private static LoginClient client;

    @BeforeAll
    static void makeTls(@TempDir Path directory) throws Exception {
        serverTls = ServerTls.selfSigned(directory, Optional.empty());
        clientTls = BackendTls.trustAll();
        client = new LoginClient();
    }

    @AfterAll
    static void stop() {
        client.close();
    }

    private static FrontendLoginSettings settings(boolean proxyProtocol, Duration timeout) {
        return new FrontendLoginSettings(
                "8.0.31-Shardway-test",
                LoginServer.CAPABILITIES,
                255,
                Optional.of(serverTls),
                false,
                proxyProtocol,
                timeout);
    }

    private static LoginServer server(AuthenticatorSettings authenticator) throws Exception {
        LoginServer server =
                new LoginServer(settings(false, Duration.ofSeconds(20)), authenticator);
        server.account("sha", AuthPlugin.CACHING_SHA2_PASSWORD, "right");
        server.account("native", AuthPlugin.MYSQL_NATIVE_PASSWORD, "right");
        server.accounts.put("none", new LoginAccount("none", AuthPlugin.CACHING_SHA2_PASSWORD, ""));
        return server;
    }

    @ParameterizedTest
    @CsvSource({
        "sha, right, DISABLED", "sha, right, PREFERRED", "sha, right, REQUIRED",
        "native, right, DISABLED", "native, right, REQUIRED", "none, '', DISABLED",
        "none, '', REQUIRED"
    })
    void logsInByFullAndFastPath(String user, String password, TlsMode mode) throws Exception {
        try (LoginServer server = server(NO_DELAY)) {
            for (int round = 0; round < 2; round++) {
                BackendHello hello =
                        Until.done(client.login(server.port(), user, password, mode, clientTls));
                assertThat(hello.serverVersion()).isEqualTo("8.0.31-Shardway-test");
                assertThat(hello.connectionId()).isEqualTo(7);
                LoginResult login = server.logins.poll(10, TimeUnit.SECONDS);
                assertThat(login.tls()).isEqualTo(mode != TlsMode.DISABLED);
                assertThat(login.attributes()).containsEntry("program_name", "shardway-test");
                assertThat(hello.capabilities()).isEqualTo(login.capabilities());
            }
            assertThat(server.slowChecks.get()).isEqualTo(user.equals("sha") ? 1 : 0);
        }
    }

    @ParameterizedTest
    @EnumSource(AuthPlugin.class)
    void theHashOfTheEmptyPasswordNeedsNoneEither(AuthPlugin plugin) throws Exception {
        try (LoginServer server = server(NO_DELAY)) {
            server.account("empty", plugin, "");
            Until.done(client.login(server.port(), "empty", "", TlsMode.DISABLED, clientTls));
            assertThat(
                            errorOf(
                                    client.login(
                                            server.port(),
                                            "empty",
                                            "x",
                                            TlsMode.REQUIRED,
                                            clientTls)))
                    .isEqualTo(1045);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sha, wrong, DISABLED", "sha, wrong, REQUIRED", "sha, '', REQUIRED",
                "native, wrong, DISABLED",
        "nobody, right, DISABLED", "nobody, right, REQUIRED", "none, x, DISABLED",
                "none, x, REQUIRED"
    })
    void refusesAllElseWithOneError(String user, String password, TlsMode mode) throws Exception {
        try (LoginServer server = server(NO_DELAY)) {
            assertThat(errorOf(client.login(server.port(), user, password, mode, clientTls)))
                    .isEqualTo(1045);
        }
    }

    @Test
    void unknownUsersAreAskedTheSameAsWrongPasswords() throws Exception {
        try (LoginServer server = server(NO_DELAY)) {
            List<String> known = conversation(server, "sha", true);
            assertThat(conversation(server, "nobody", true)).isEqualTo(known);
            assertThat(conversation(server, "none", true)).isEqualTo(known);
            assertThat(conversation(server, "nobody", false))
                    .isEqualTo(conversation(server, "sha", false));
        }
    }

    @Test
    void unknownUsersLookLikeEitherPluginAndAlwaysTheSameWhereASecretIsGiven() throws Exception {
        AuthenticatorSettings secret =
                new AuthenticatorSettings(
                        AuthPlugin.CACHING_SHA2_PASSWORD,
                        1,
                        1,
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        "secret".getBytes(UTF_8));
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        try (LoginServer one = server(secret);
                LoginServer two = server(secret)) {
            for (int i = 0; i < 20; i++) {
                first.add(conversation(one, "nobody" + i, false).getFirst());
                second.add(conversation(two, "nobody" + i, false).getFirst());
            }
        }
        assertThat(first).isEqualTo(second);
        assertThat(first.stream().distinct()).hasSize(2);
    }

    /** The kinds of all steps of a login with a wrong password. */
    private static List<String> conversation(LoginServer server, String user, boolean tls)
            throws Exception {
        LoginExchange exchange =
                server.authenticator.exchange(java.net.InetAddress.getLoopbackAddress(), tls);
        byte[] nonce = Scrambles.newNonce();
        byte[] scramble = Scrambles.sha2Scramble("wrong".getBytes(UTF_8), nonce);
        LoginStep step = exchange.login(user, nonce, "caching_sha2_password", scramble);
        List<String> steps = new ArrayList<>();
        while (true) {
            switch (step) {
                case LoginStep.Send(var payload) -> {
                    steps.add("send " + payload[0] + " " + payload.length);
                    boolean key = payload[0] == 1 && payload.length == 2 && !tls;
                    if (payload[0] != 1) {
                        step = exchange.answer(new byte[Scrambles.NATIVE_BYTES]);
                    } else if (key) {
                        step = exchange.answer(new byte[] {2});
                    } else {
                        step = exchange.answer("wrong\0".getBytes(UTF_8));
                    }
                }
                case LoginStep.Check check -> {
                    steps.add("check");
                    boolean matches =
                            Until.done(server.authenticator.check(check).toCompletableFuture());
                    step = exchange.checked(matches);
                }
                case LoginStep.Accepted _ -> throw new AssertionError("accepted");
                case LoginStep.Refused(var code, var detail) -> {
                    steps.add(code + " " + detail.replace(user, "?"));
                    return steps;
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.7 10.0.0.1 4711 3306\r\n",
                "PROXY TCP6 2001:db8::7 2001:db8::1 4711 3306\r\n"
            })
    void takesTheClientsAddressFromTheProxyHeader(String header) throws Exception {
        try (LoginServer server =
                        new LoginServer(settings(true, Duration.ofSeconds(20)), NO_DELAY);
                LoginClient behindBalancer = new LoginClient()) {
            server.account("sha", AuthPlugin.CACHING_SHA2_PASSWORD, "right");
            behindBalancer.preface = header;
            Until.done(
                    behindBalancer.login(
                            server.port(), "sha", "right", TlsMode.REQUIRED, clientTls));
            LoginResult login = server.logins.poll(10, TimeUnit.SECONDS);
            assertThat(login.clientIp().getHostAddress())
                    .isEqualTo(
                            java.net.InetAddress.ofLiteral(header.split(" ")[2]).getHostAddress());
        }
    }

    @Test
    void sendsNoGreetingWhereTheProxyHeaderIsMissing() throws Exception {
        try (LoginServer server =
                        new LoginServer(settings(true, Duration.ofSeconds(20)), NO_DELAY);
                Socket socket = connect(server)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void takesNoPlainBytesAfterAnSslRequest() throws Exception {
        try (LoginServer server = server(NO_DELAY);
                Socket socket = connect(server)) {
            HandshakeV10 greeting = readGreeting(socket);
            HandshakeResponse injected = response(greeting, "native", "right", Capabilities.SSL);
            ByteBuf out = Unpooled.buffer();
            Packets.append(out, 1, injected::writeSslRequest);
            Packets.append(out, 2, injected::write);
            socket.getOutputStream().write(Wire.readRest(out));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(answer.length == 0 || answer[0] == 0x15) // At most a TLS alert.
                    .isTrue();
            assertThat(server.logins).isEmpty();
        }
    }

    @Test
    void tlsMayBeginInTheSameBytesAsTheRequestForIt() throws Exception {
        // BackendLogin writes SSLRequest and ClientHello without a pause between.
        try (LoginServer server = server(NO_DELAY)) {
            for (int i = 0; i < 20; i++) {
                Until.done(
                        client.login(
                                server.port(), "native", "right", TlsMode.REQUIRED, clientTls));
            }
        }
    }

    @Test
    void refusesToGoOnWithoutTlsWhereTheNodeMustHaveIt() throws Exception {
        FrontendLoginSettings plain =
                new FrontendLoginSettings(
                        "8",
                        LoginServer.CAPABILITIES,
                        255,
                        Optional.empty(),
                        false,
                        false,
                        Duration.ofSeconds(20));
        try (LoginServer server = new LoginServer(plain, NO_DELAY)) {
            server.account("sha", AuthPlugin.CACHING_SHA2_PASSWORD, "right");
            assertThatThrownBy(() ->
                            Until.done(
                                    client.login(
                                            server.port(),
                                            "sha",
                                            "right",
                                            TlsMode.REQUIRED,
                                            clientTls)))
                    .hasRootCauseInstanceOf(BackendLoginException.class)
                    .hasMessageContaining("does not offer TLS");
            Until.done(client.login(server.port(), "sha", "right", TlsMode.PREFERRED, clientTls));
        }
    }

    @Test
    void silentClientsAreClosedAtTheDeadline() throws Exception {
        try (LoginServer server =
                        new LoginServer(settings(false, Duration.ofMillis(300)), NO_DELAY);
                Socket socket = connect(server)) {
            readGreeting(socket);
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(ErrPacket.read(Unpooled.wrappedBuffer(answer).skipBytes(4)).code())
                    .isEqualTo(1159);
        }
    }

    @Test
    void silentNodesAreGivenUpAtTheDeadline() throws Exception {
        try (LoginServer waitsForHeader =
                        new LoginServer(settings(true, Duration.ofSeconds(20)), NO_DELAY);
                LoginClient hasty = new LoginClient()) {
            hasty.timeout = Duration.ofMillis(300);
            assertThatThrownBy(() ->
                            Until.done(
                                    hasty.login(
                                            waitsForHeader.port(),
                                            "sha",
                                            "right",
                                            TlsMode.DISABLED,
                                            clientTls)))
                    .hasMessageContaining("took too long");
        }
    }

    @Test
    void failuresInARowAreAnsweredLaterAndLaterUpToABound() throws Exception {
        AuthenticatorSettings slow =
                new AuthenticatorSettings(
                        AuthPlugin.CACHING_SHA2_PASSWORD,
                        1,
                        1,
                        2,
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        new byte[0]);
        try (LoginServer server = server(slow)) {
            java.net.InetAddress address = java.net.InetAddress.ofLiteral("203.0.113.9");
            List<Long> delays = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                delays.add(server.authenticator.failed(address, "somebody").toMillis());
            }
            assertThat(delays).containsExactly(0L, 0L, 100L, 200L, 250L, 250L);
            server.authenticator.succeeded(address, "somebody");
            assertThat(server.authenticator.failed(address, "another")).isZero();
            for (int i = 0; i < 4; i++) {
                assertThat(
                                errorOf(
                                        client.login(
                                                server.port(),
                                                "native",
                                                "wrong",
                                                TlsMode.DISABLED,
                                                clientTls)))
                        .isEqualTo(1045);
            }
        }
    }

    @Test
    void tooManySlowChecksAreRefusedAndTheOthersGoOn() throws Exception {
        List<Runnable> tasks = new ArrayList<>();
        PasswordChecks checks = new PasswordChecks(tasks::add, 1, 1);
        CompletableFuture<Boolean> running = checks.submit(() -> true);
        CompletableFuture<Boolean> waiting = checks.submit(() -> false);
        CompletableFuture<Boolean> refused = checks.submit(() -> true);
        assertThat(refused).isCompletedExceptionally();
        assertThat(running).isNotDone();
        tasks.removeFirst().run();
        assertThat(running).isCompletedWithValue(true);
        assertThat(waiting).isCompletedWithValue(false);
        CompletableFuture<Boolean> later = checks.submit(() -> true);
        tasks.removeFirst().run();
        assertThat(later).isCompletedWithValue(true);
    }

    @Test
    void brokenClientsLoseOnlyTheirOwnConnection() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (LoginServer server = server(NO_DELAY)) {
            for (int round = 0; round < 100; round++) {
                try (Socket socket = connect(server)) {
                    HandshakeV10 greeting = readGreeting(socket);
                    ByteBuf out = Unpooled.buffer();
                    Packets.append(out, 1, response(greeting, "sha", "right", 0)::write);
                    byte[] bytes = Wire.readRest(out);
                    for (int i = 0; i < 3; i++) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException reset) {
                    // The server closed while bytes were on their way.
                }
            }
            assertThat(
                            Until.done(
                                    client.login(
                                            server.port(),
                                            "sha",
                                            "right",
                                            TlsMode.REQUIRED,
                                            clientTls)))
                    .as("seed %d", seed)
                    .isNotNull();
        }
    }

    @Test
    void theCertificateIsMadeOnceAndItsKeyIsTheOwnersOnly(@TempDir Path directory)
            throws Exception {
        Path tls = directory.resolve("tls");
        ServerTls.selfSigned(tls, Optional.empty());
        Path file = tls.resolve("tls.p12");
        Object made = java.nio.file.Files.getLastModifiedTime(file);
        ServerTls.selfSigned(tls, Optional.empty());
        assertThat(java.nio.file.Files.getLastModifiedTime(file)).isEqualTo(made);
        assertThat(java.nio.file.Files.getPosixFilePermissions(file))
                .hasSize(2); // The owner may read and write.
        assertThat(java.nio.file.Files.getPosixFilePermissions(tls)).hasSize(3);
        assertThat(tls).isDirectoryNotContaining("glob:**tls[0-9]*");
    }

    private static Socket connect(LoginServer server) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static HandshakeV10 readGreeting(Socket socket) throws IOException {
        byte[] header = socket.getInputStream().readNBytes(4);
        byte[] payload =
                socket.getInputStream()
                        .readNBytes(Unpooled.wrappedBuffer(header).getUnsignedMediumLE(0));
        ByteBuf packet = Unpooled.wrappedBuffer(header, payload);
        return HandshakeV10.read(new PacketDecoder(1 << 16).decode(packet).orElseThrow());
    }

    private static HandshakeResponse response(
            HandshakeV10 greeting, String user, String password, long capabilities) {
        return new HandshakeResponse(
                capabilities
                        | Capabilities.PROTOCOL_41
                        | Capabilities.SECURE_CONNECTION
                        | Capabilities.PLUGIN_AUTH
                        | Capabilities.CONNECT_ATTRS,
                1 << 24,
                255,
                user,
                Scrambles.nativeScramble(password.getBytes(UTF_8), greeting.nonce()),
                "",
                "mysql_native_password",
                Map.of("a", "b"));
    }

    private static int errorOf(CompletableFuture<BackendHello> login) throws Exception {
        try {
            Until.done(login);
            throw new AssertionError("logged in");
        } catch (ExecutionException failure) {
            BackendLoginException refused = (BackendLoginException) failure.getCause();
            return refused.error().orElseThrow(() -> new AssertionError(refused)).code();
        }
    }
}
