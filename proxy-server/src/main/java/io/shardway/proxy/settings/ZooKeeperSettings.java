package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.must;
import static io.shardway.proxy.settings.Setting.often;
import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the topology is kept. Immutable.
 *
 * @param connect host:port, several with commas
 * @param root the path of this cluster's nodes
 * @param authUser empty: no login, the nodes are open
 * @param announceTimeout how long one write to ZooKeeper is tried
 */
public record ZooKeeperSettings(
        String connect,
        String root,
        String authUser,
        Secret authPassword,
        Duration sessionTimeout,
        Duration connectTimeout,
        Duration announceTimeout) {

    static final Setting<String> CONNECT =
            must(
                    "zookeeper.connect",
                    Kind.Text.matching(
                            "[A-Za-z0-9._\\[\\]:-]+:\\d{1,5}(,[A-Za-z0-9._\\[\\]:-]+:\\d{1,5})*",
                            "host:port, several separated by commas"),
                    "127.0.0.1:2181",
                    "The ZooKeeper servers that hold the topology.");
    static final Setting<String> ROOT =
            often(
                    "zookeeper.root",
                    Kind.Text.matching("(/[A-Za-z0-9._-]+)+", "a path such as /shardway"),
                    "/shardway",
                    "The path below which the topology of this cluster lies.");
    static final Setting<String> AUTH_USER =
            often(
                    "zookeeper.auth-user",
                    Kind.Text.matching("[^:\\s]{0,64}", "at most 64 characters, no colon"),
                    "",
                    "The user for ZooKeeper's digest login; only it may then change the"
                            + " topology. Empty: anyone may.");
    static final SecretSetting AUTH_PASSWORD =
            new SecretSetting(
                    often(
                                    "zookeeper.auth-password-file",
                                    new Kind.File(),
                                    Optional.empty(),
                                    "A file whose first line is the password of"
                                            + " zookeeper.auth-user.")
                            .idle("when empty"),
                    often(
                                    "zookeeper.auth-password-env",
                                    Kinds.VARIABLE,
                                    "",
                                    "The environment variable that holds the password of"
                                            + " zookeeper.auth-user.")
                            .idle("when empty"));
    static final Setting<Duration> SESSION_TIMEOUT =
            rarely(
                    "zookeeper.session-timeout",
                    Kinds.seconds(1, 600),
                    Duration.ofSeconds(10),
                    "After so long without contact ZooKeeper holds the proxy for gone; serving"
                            + " goes on.");
    static final Setting<Duration> CONNECT_TIMEOUT =
            rarely(
                    "zookeeper.connect-timeout",
                    Kinds.seconds(1, 600),
                    Duration.ofSeconds(5),
                    "How long the proxy waits at its start for ZooKeeper.");
    static final Setting<Duration> ANNOUNCE_TIMEOUT =
            rarely(
                    "zookeeper.announce-timeout",
                    Kinds.seconds(1, 600),
                    Duration.ofSeconds(10),
                    "How long a change in ZooKeeper (announce, register, a new table) is tried.");

    static final List<Setting<?>> ALL =
            List.of(
                    CONNECT,
                    ROOT,
                    AUTH_USER,
                    AUTH_PASSWORD.file(),
                    AUTH_PASSWORD.variable(),
                    SESSION_TIMEOUT,
                    CONNECT_TIMEOUT,
                    ANNOUNCE_TIMEOUT);

    public ZooKeeperSettings {
        CONNECT.check(connect);
        ROOT.check(root);
        AUTH_USER.check(authUser);
        SESSION_TIMEOUT.check(sessionTimeout);
        CONNECT_TIMEOUT.check(connectTimeout);
        ANNOUNCE_TIMEOUT.check(announceTimeout);
        if (authUser.isEmpty() != authPassword.isEmpty()) {
            throw Setting.wrong(
                    "zookeeper.auth-user and its password are set together or not at all");
        }
    }

    static ZooKeeperSettings of(SettingValues values) {
        return new ZooKeeperSettings(
                values.get(CONNECT),
                values.get(ROOT),
                values.get(AUTH_USER),
                values.secret(AUTH_PASSWORD),
                values.get(SESSION_TIMEOUT),
                values.get(CONNECT_TIMEOUT),
                values.get(ANNOUNCE_TIMEOUT));
    }
}
