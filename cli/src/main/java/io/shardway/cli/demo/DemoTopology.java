package io.shardway.cli.demo;

import io.shardway.cli.HostPort;
import io.shardway.cli.init.FirstTopology;
import io.shardway.cli.init.ShardSpec;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.MySqlNode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The topology of local servers: keyspace store, accounts app and admin. Stateless. */
public final class DemoTopology {

    public static final String KEYSPACE = "store";
    private static final String SHARD_KEY = "user_id";

    private DemoTopology() {}

    /** Makes the first one, or tells the one that is there where the servers listen now. */
    public static void write(ZooKeeperClient store, LocalCluster cluster) throws SQLException {
        if (store.topologyStore().isInitialized()) {
            Map<String, Integer> ports =
                    cluster.nodes().stream()
                            .collect(Collectors.toMap(MySqlNode::name, MySqlNode::port));
            if (!atPorts(store.topologyStore().read(), ports)
                    .equals(store.topologyStore().read())) {
                store.topologyStore().update(topology -> atPorts(topology, ports));
            }
            return;
        }
        for (MySqlNode primary : cluster.primaries()) {
            primary.execute("CREATE DATABASE IF NOT EXISTS " + KEYSPACE);
        }
        put(store, "app", AccountRight.WRITE);
        put(store, "admin", AccountRight.ADMIN);
        store.topologyStore()
                .create(FirstTopology.of(specs(cluster), Optional.empty(), KEYSPACE, SHARD_KEY));
    }

    private static void put(ZooKeeperClient store, String name, AccountRight right) {
        byte[] password = name.getBytes(StandardCharsets.UTF_8);
        store.accountStore().put(Account.of(name, password, AuthPlugin.CACHING_SHA2, right));
    }

    private static List<ShardSpec> specs(LocalCluster cluster) {
        var specs = new ArrayList<ShardSpec>();
        for (int shard = 1; shard <= cluster.shardCount(); shard++) {
            List<HostPort> addresses =
                    cluster.nodes(shard).stream()
                            .map(node -> new HostPort(node.host(), node.port()))
                            .toList();
            specs.add(new ShardSpec(new ShardId("s" + shard), addresses));
        }
        return specs;
    }

    private static Topology atPorts(Topology topology, Map<String, Integer> ports) {
        var shards = new HashMap<ShardId, Shard>();
        topology.shards().forEach((id, shard) -> shards.put(id, atPorts(shard, ports)));
        return new Topology(
                topology.epoch(),
                shards,
                topology.defaultShard(),
                topology.bucketMap(),
                topology.keyspaces());
    }

    private static Shard atPorts(Shard shard, Map<String, Integer> ports) {
        List<Node> nodes =
                shard.nodes().stream()
                        .map(node ->
                                new Node(
                                        node.name(),
                                        node.role(),
                                        node.host(),
                                        ports.getOrDefault(node.name(), node.port())))
                        .toList();
        return new Shard(shard.id(), shard.idOffset(), nodes);
    }
}
