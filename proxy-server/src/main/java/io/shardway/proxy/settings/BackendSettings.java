package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.must;
import static io.shardway.proxy.settings.Setting.often;
import static io.shardway.proxy.settings.Setting.rarely;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The side towards nodes: pools, their limits, and the owner account. Immutable.
 *
 * @param connectionsMax per node and proxy
 * @param waitersMax per node and proxy
 * @param fencedHoldMax how long statements of a shard wait while this proxy is fenced there
 * @param operatorsConnectionsMax connections of the operators' pool, on top of connectionsMax
 * @param administrationConnectionsMax JDBC connections per node for schema and accounts
 * @param ownerUser makes and locks the serving accounts
 */
public record BackendSettings(
        int connectionsMax,
        int waitersMax,
        Duration acquireTimeout,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration lifetimeMax,
        int preparedStatementsMax,
        Duration fencedHoldMax,
        int operatorsConnectionsMax,
        int administrationConnectionsMax,
        Duration killTimeout,
        BackendTls tls,
        Optional<Path> tlsCaFile,
        String ownerUser,
        Secret ownerPassword) {

    static final Setting<Integer> CONNECTIONS_MAX =
            often(
                    "backend.connections-max",
                    new Kind.Number(1, 10_000),
                    20,
                    "How many connections this proxy opens to one node for clients.");
    static final Setting<Integer> WAITERS_MAX =
            rarely(
                    "backend.waiters-max",
                    new Kind.Number(1, 1_000_000),
                    10_000,
                    "How many statements may wait for a connection to one node.");
    static final Setting<Duration> ACQUIRE_TIMEOUT =
            often(
                    "backend.acquire-timeout",
                    Kinds.millis(1, 3_600_000),
                    Duration.ofSeconds(3),
                    "How long a statement waits for its backend connections, all together.");
    static final Setting<Duration> CONNECT_TIMEOUT =
            rarely(
                    "backend.connect-timeout",
                    Kinds.millis(10, 600_000),
                    Duration.ofSeconds(3),
                    "How long connecting to a node and logging in may take.");
    static final Setting<Duration> IDLE_TIMEOUT =
            rarely(
                    "backend.idle-timeout",
                    Kinds.seconds(1, 86_400),
                    Duration.ofMinutes(10),
                    "A connection nobody used for so long is closed; shorter than the nodes'"
                            + " wait_timeout.");
    static final Setting<Duration> LIFETIME_MAX =
            rarely(
                    "backend.lifetime-max",
                    Kinds.seconds(1, 7 * 86_400),
                    Duration.ofHours(1),
                    "A connection so old is closed when its lease ends.");
    static final Setting<Integer> PREPARED_STATEMENTS_MAX =
            rarely(
                    "backend.prepared-statements-max",
                    new Kind.Number(0, 100_000),
                    200,
                    "How many prepared statements are kept on one backend connection.");
    static final Setting<Duration> FENCED_HOLD_MAX =
            rarely(
                    "backend.fenced-hold-max",
                    Kinds.millis(0, 600_000),
                    Duration.ofSeconds(5),
                    "How long statements wait while this proxy is fenced on their shard.");
    static final Setting<Integer> OPERATORS_CONNECTIONS_MAX =
            rarely(
                    "backend.operators-connections-max",
                    new Kind.Number(1, 100),
                    2,
                    "How many further connections to one node are kept for KILL and health.");
    static final Setting<Integer> ADMINISTRATION_CONNECTIONS_MAX =
            rarely(
                    "backend.administration-connections-max",
                    new Kind.Number(1, 100),
                    2,
                    "How many connections to one node reading the schema and making accounts may"
                            + " use; watching and repairing copies of reference tables may use one"
                            + " more than that.");
    static final Setting<Duration> KILL_TIMEOUT =
            rarely(
                    "backend.kill-timeout",
                    Kinds.millis(10, 600_000),
                    Duration.ofSeconds(5),
                    "How long a KILL may take on a node, and the read of a client that left may go on,"
                            + " before the connection is closed instead.");
    static final Setting<BackendTls> TLS =
            often(
                    "backend.tls",
                    Kind.Choice.of(BackendTls.class),
                    BackendTls.PREFERRED,
                    "Whether connections to nodes are encrypted.");
    static final Setting<Optional<Path>> TLS_CA_FILE =
            often(
                            "backend.tls-ca-file",
                            new Kind.File(),
                            Optional.empty(),
                            "Certificates (PEM) that the nodes' certificates must come from;"
                                    + " empty: not checked.")
                    .idle("when backend.tls is disabled");
    static final Setting<String> OWNER_USER =
            must(
                    "backend.owner-user",
                    Kinds.ACCOUNT,
                    "shardway",
                    "The MySQL account, the same on every node, that makes the serving accounts.");
    static final SecretSetting OWNER_PASSWORD =
            new SecretSetting(
                    must(
                                    "backend.owner-password-file",
                                    new Kind.File(),
                                    Optional.empty(),
                                    "A file whose first line is the owner account's password.")
                            .idle("when empty"),
                    must(
                                    "backend.owner-password-env",
                                    Kinds.VARIABLE,
                                    "",
                                    "The environment variable that holds the owner account's"
                                            + " password.")
                            .idle("when empty"));

    static final List<Setting<?>> ALL =
            List.of(
                    CONNECTIONS_MAX,
                    WAITERS_MAX,
                    ACQUIRE_TIMEOUT,
                    CONNECT_TIMEOUT,
                    IDLE_TIMEOUT,
                    LIFETIME_MAX,
                    PREPARED_STATEMENTS_MAX,
                    FENCED_HOLD_MAX,
                    OPERATORS_CONNECTIONS_MAX,
                    ADMINISTRATION_CONNECTIONS_MAX,
                    KILL_TIMEOUT,
                    TLS,
                    TLS_CA_FILE,
                    OWNER_USER,
                    OWNER_PASSWORD.file(),
                    OWNER_PASSWORD.variable());

    public BackendSettings {
        CONNECTIONS_MAX.check(connectionsMax);
        WAITERS_MAX.check(waitersMax);
        ACQUIRE_TIMEOUT.check(acquireTimeout);
        CONNECT_TIMEOUT.check(connectTimeout);
        IDLE_TIMEOUT.check(idleTimeout);
        LIFETIME_MAX.check(lifetimeMax);
        PREPARED_STATEMENTS_MAX.check(preparedStatementsMax);
        FENCED_HOLD_MAX.check(fencedHoldMax);
        OPERATORS_CONNECTIONS_MAX.check(operatorsConnectionsMax);
        ADMINISTRATION_CONNECTIONS_MAX.check(administrationConnectionsMax);
        KILL_TIMEOUT.check(killTimeout);
        OWNER_USER.check(ownerUser);
    }

    static BackendSettings of(SettingValues values) {
        return new BackendSettings(
                values.get(CONNECTIONS_MAX),
                values.get(WAITERS_MAX),
                values.get(ACQUIRE_TIMEOUT),
                values.get(CONNECT_TIMEOUT),
                values.get(IDLE_TIMEOUT),
                values.get(LIFETIME_MAX),
                values.get(PREPARED_STATEMENTS_MAX),
                values.get(FENCED_HOLD_MAX),
                values.get(OPERATORS_CONNECTIONS_MAX),
                values.get(ADMINISTRATION_CONNECTIONS_MAX),
                values.get(KILL_TIMEOUT),
                values.get(TLS),
                values.get(TLS_CA_FILE),
                values.get(OWNER_USER),
                values.secret(OWNER_PASSWORD));
    }
}
