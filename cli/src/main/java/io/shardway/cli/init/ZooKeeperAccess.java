package io.shardway.cli.init;

import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import io.shardway.router.topology.zookeeper.ZooKeeperCredentials;
import io.shardway.router.topology.zookeeper.ZooKeeperSettings;
import java.time.Clock;
import java.util.Optional;

/** Opens the stores in ZooKeeper for commands. Stateless. */
public final class ZooKeeperAccess {

    private ZooKeeperAccess() {}

    /** Without credentials the nodes are open to everybody who reaches ZooKeeper. */
    public static ZooKeeperClient open(
            String servers, String root, Optional<ZooKeeperCredentials> credentials) {
        var settings =
                new ZooKeeperSettings(
                        servers,
                        root,
                        credentials,
                        ZooKeeperSettings.DEFAULT_SESSION_TIMEOUT,
                        ZooKeeperSettings.DEFAULT_OPERATION_TIMEOUT,
                        ZooKeeperSettings.DEFAULT_REFRESH_INTERVAL);
        return ZooKeeperClient.connect(settings, Clock.systemUTC());
    }
}
