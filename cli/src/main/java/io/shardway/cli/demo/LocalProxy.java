package io.shardway.cli.demo;

import io.shardway.cli.init.ZooKeeperAccess;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.proxy.settings.ProxySettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a proxy in front of local servers needs. Stateless. */
public final class LocalProxy {

    /** Where its topology is in ZooKeeper. */
    public static final String ROOT = "/shardway";

    private static final Duration REPLICATION_BOUND = Duration.ofSeconds(30);

    private LocalProxy() {}

    /** Makes an owner account on every shard and writes the topology. */
    public static OwnerAccount prepare(LocalCluster servers) throws SQLException {
        var owner = OwnerAccount.random();
        for (MySqlNode primary : servers.primaries()) {
            owner.createOn(primary);
        }
        servers.awaitReplication(REPLICATION_BOUND);
        try (var store =
                ZooKeeperAccess.open(servers.zooKeeper().connectString(), ROOT, Optional.empty())) {
            DemoTopology.write(store, servers);
        }
        return owner;
    }

    /**
     * Of a proxy on the loopback address.
     *
     * @param more go beside these
     */
    public static ProxySettings settings(
            LocalCluster servers, Path ownerPassword, Map<String, String> more) {
        var settings = new HashMap<String, String>();
        settings.put("frontend.host", "127.0.0.1");
        settings.put("zookeeper.connect", servers.zooKeeper().connectString());
        settings.put("zookeeper.root", ROOT);
        settings.put("backend.tls", "disabled");
        settings.put("backend.owner-user", OwnerAccount.USER);
        settings.put("backend.owner-password-file", ownerPassword.toString());
        settings.put("management.port", "0");
        settings.putAll(more);
        return ProxySettings.of(settings);
    }
}
