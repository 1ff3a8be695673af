package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.often;
import static io.shardway.proxy.settings.Setting.rarely;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The side towards clients: where it listens and what one client may use. Immutable.
 *
 * @param port 0 for any free one
 * @param tlsCertificateFile PEM, with {@code tlsKeyFile}; without them the proxy makes its own
 * @param tlsDirectory where the made certificate and RSA key are kept; empty: made anew each start
 * @param eventLoops 0 for one per core
 */
public record FrontendSettings(
        String host,
        int port,
        int connectionsMax,
        int accountConnectionsMax,
        int packetBytesMax,
        Duration waitTimeout,
        Duration loginTimeout,
        Duration loginFailureDelay,
        boolean requireTls,
        Optional<Path> tlsCertificateFile,
        Optional<Path> tlsKeyFile,
        Optional<Path> tlsDirectory,
        Optional<Path> tlsClientCaFile,
        boolean proxyProtocol,
        int writeBufferHighBytes,
        int pipelinedBytesMax,
        int eventLoops,
        Duration drainTimeout,
        Duration writeTimeout,
        boolean localFiles) {

    static final Setting<String> HOST =
            often(
                    "frontend.host",
                    Kinds.HOST,
                    "127.0.0.1",
                    "The address the proxy listens on for clients; 0.0.0.0 for all.");
    static final Setting<Integer> PORT =
            often(
                    "frontend.port",
                    Kinds.PORT,
                    3307,
                    "The port the proxy listens on for clients; 0 for any free one.");
    static final Setting<Integer> CONNECTIONS_MAX =
            often(
                    "frontend.connections-max",
                    new Kind.Number(1, 1_000_000),
                    10_000,
                    "How many clients may be connected at once; one more is refused with 1040.");
    static final Setting<Integer> ACCOUNT_CONNECTIONS_MAX =
            often(
                            "frontend.account-connections-max",
                            new Kind.Number(0, 1_000_000),
                            0,
                            "How many of the clients connected to this proxy may belong to one"
                                    + " account; one more is refused with 1203. 0 for no limit.")
                    .idle("on accounts with a limit of their own (MAX_USER_CONNECTIONS)");
    static final Setting<Integer> PACKET_BYTES_MAX =
            often(
                    "frontend.packet-bytes-max",
                    new Kind.Bytes(1 << 10, 1 << 30),
                    64 << 20,
                    "The largest statement or value a client may send (MySQL's"
                            + " max_allowed_packet).");
    static final Setting<Duration> WAIT_TIMEOUT =
            often(
                    "frontend.wait-timeout",
                    Kinds.seconds(1, 365 * 86_400),
                    Duration.ofHours(8),
                    "A client that sends nothing for so long is disconnected; the session's"
                            + " wait_timeout begins with it.");
    static final Setting<Duration> LOGIN_TIMEOUT =
            rarely(
                    "frontend.login-timeout",
                    Kinds.seconds(1, 3600),
                    Duration.ofSeconds(10),
                    "A client that has not logged in after so long is disconnected.");
    static final Setting<Duration> LOGIN_FAILURE_DELAY =
            rarely(
                    "frontend.login-failure-delay",
                    Kinds.seconds(0, 60),
                    Duration.ofSeconds(1),
                    "How long the answer to a failed login is kept back, against guessing.");
    static final Setting<Boolean> REQUIRE_TLS =
            often(
                    "frontend.require-tls",
                    new Kind.Switch(),
                    false,
                    "Refuses clients that do not use TLS.");
    static final Setting<Optional<Path>> TLS_CERTIFICATE_FILE =
            often(
                    "frontend.tls-certificate-file",
                    new Kind.File(),
                    Optional.empty(),
                    "The certificate chain shown to clients, as PEM; empty: the proxy makes its"
                            + " own.");
    static final Setting<Optional<Path>> TLS_KEY_FILE =
            often(
                    "frontend.tls-key-file",
                    new Kind.File(),
                    Optional.empty(),
                    "The private key of the certificate, as PEM (PKCS#8).");
    static final Setting<Optional<Path>> TLS_DIRECTORY =
            rarely(
                            "frontend.tls-directory",
                            new Kind.File(),
                            Optional.empty(),
                            "Where the proxy keeps the certificate and RSA key it made; empty: it"
                                    + " makes new ones at each start.")
                    .idle("on the certificate when frontend.tls-certificate-file is set");
    static final Setting<Optional<Path>> TLS_CLIENT_CA_FILE =
            often(
                    "frontend.tls-client-ca-file",
                    new Kind.File(),
                    Optional.empty(),
                    "The authorities, as PEM, whose client certificates are trusted; accounts with"
                            + " REQUIRE X509 need it. Empty: clients are asked for none.");
    static final Setting<Boolean> PROXY_PROTOCOL =
            rarely(
                    "frontend.proxy-protocol",
                    new Kind.Switch(),
                    false,
                    "Every client connection must begin with a PROXY protocol header (v1 or v2),"
                            + " which names the client's address.");
    static final Setting<Integer> WRITE_BUFFER_HIGH_BYTES =
            rarely(
                    "frontend.write-buffer-high-bytes",
                    new Kind.Bytes(4 << 10, 64 << 20),
                    64 << 10,
                    "How much of an answer may wait for a slow client before its backend is no"
                            + " longer read.");
    static final Setting<Integer> PIPELINED_BYTES_MAX =
            rarely(
                    "frontend.pipelined-bytes-max",
                    new Kind.Bytes(4 << 10, 64 << 20),
                    1 << 20,
                    "How much a client may send ahead while a statement runs before it is no"
                            + " longer read.");
    static final Setting<Integer> EVENT_LOOPS =
            rarely(
                    "frontend.event-loops",
                    new Kind.Number(0, 1024),
                    0,
                    "How many threads serve clients; 0 for one per core.");
    static final Setting<Duration> DRAIN_TIMEOUT =
            often(
                    "frontend.drain-timeout",
                    Kinds.seconds(0, 3600),
                    Duration.ofSeconds(30),
                    "How long a stopping proxy waits for transactions to finish.");

    static final Setting<Duration> WRITE_TIMEOUT =
            rarely(
                    "frontend.write-timeout",
                    Kinds.seconds(1, 365 * 86_400),
                    Duration.ofSeconds(60),
                    "A client that takes nothing of its answer for so long is disconnected, unless it"
                            + " set its net_write_timeout.");

    static final Setting<Boolean> LOCAL_FILES =
            often(
                    "frontend.local-files",
                    new Kind.Switch(),
                    true,
                    "Lets clients load files of their own (LOAD DATA LOCAL INFILE); the nodes need"
                            + " local_infile=ON for it.");

    static final List<Setting<?>> ALL =
            List.of(
                    HOST,
                    PORT,
                    CONNECTIONS_MAX,
                    ACCOUNT_CONNECTIONS_MAX,
                    PACKET_BYTES_MAX,
                    WAIT_TIMEOUT,
                    LOGIN_TIMEOUT,
                    LOGIN_FAILURE_DELAY,
                    REQUIRE_TLS,
                    TLS_CERTIFICATE_FILE,
                    TLS_KEY_FILE,
                    TLS_DIRECTORY,
                    TLS_CLIENT_CA_FILE,
                    PROXY_PROTOCOL,
                    WRITE_BUFFER_HIGH_BYTES,
                    PIPELINED_BYTES_MAX,
                    EVENT_LOOPS,
                    DRAIN_TIMEOUT,
                    WRITE_TIMEOUT,
                    LOCAL_FILES);

    public FrontendSettings {
        HOST.check(host);
        PORT.check(port);
        CONNECTIONS_MAX.check(connectionsMax);
        ACCOUNT_CONNECTIONS_MAX.check(accountConnectionsMax);
        PACKET_BYTES_MAX.check(packetBytesMax);
        WAIT_TIMEOUT.check(waitTimeout);
        LOGIN_TIMEOUT.check(loginTimeout);
        LOGIN_FAILURE_DELAY.check(loginFailureDelay);
        WRITE_BUFFER_HIGH_BYTES.check(writeBufferHighBytes);
        PIPELINED_BYTES_MAX.check(pipelinedBytesMax);
        EVENT_LOOPS.check(eventLoops);
        DRAIN_TIMEOUT.check(drainTimeout);
        WRITE_TIMEOUT.check(writeTimeout);
        if (tlsCertificateFile.isPresent() != tlsKeyFile.isPresent()) {
            throw Setting.wrong(
                    "frontend.tls-certificate-file and frontend.tls-key-file are set together or"
                            + " not at all");
        }
    }

    static FrontendSettings of(SettingValues values) {
        return new FrontendSettings(
                values.get(HOST),
                values.get(PORT),
                values.get(CONNECTIONS_MAX),
                values.get(ACCOUNT_CONNECTIONS_MAX),
                values.get(PACKET_BYTES_MAX),
                values.get(WAIT_TIMEOUT),
                values.get(LOGIN_TIMEOUT),
                values.get(LOGIN_FAILURE_DELAY),
                values.get(REQUIRE_TLS),
                values.get(TLS_CERTIFICATE_FILE),
                values.get(TLS_KEY_FILE),
                values.get(TLS_DIRECTORY),
                values.get(TLS_CLIENT_CA_FILE),
                values.get(PROXY_PROTOCOL),
                values.get(WRITE_BUFFER_HIGH_BYTES),
                values.get(PIPELINED_BYTES_MAX),
                values.get(EVENT_LOOPS),
                values.get(DRAIN_TIMEOUT),
                values.get(WRITE_TIMEOUT),
                values.get(LOCAL_FILES));
    }
}
