package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Topologies for tests. */
final class Topologies {

    static final ShardId S1 = new ShardId("s1");
    static final ShardId S2 = new ShardId("s2");

    private Topologies() {}

    /** Two shards, a plain keyspace and the sharded keyspace {@code store}. */
    static Topology first() {
        var users = new TableEntry("users", TableKind.SHARDED, Optional.of("user_id"));
        var regions = new TableEntry("regions", TableKind.REFERENCE, Optional.empty());
        return new Topology(
                Epoch.NONE,
                Map.of(S1, shard(S1, 1), S2, shard(S2, 2)),
                S1,
                BucketMap.even(List.of(S1, S2)),
                Map.of(
                        "store", store(Map.of("users", users, "regions", regions)),
                        "wiki.ü", keyspace("wiki.ü")));
    }

    static Keyspace store(Map<String, TableEntry> tables) {
        return new Keyspace("store", Optional.of("user_id"), 64, new SchemaEpoch(0), tables);
    }

    static Keyspace keyspace(String plain) {
        return new Keyspace(plain, Optional.empty(), 1, new SchemaEpoch(0), Map.of());
    }

    static Topology with(Topology topology, Keyspace keyspace) {
        var keyspaces = new HashMap<>(topology.keyspaces());
        keyspaces.put(keyspace.name(), keyspace);
        return withKeyspaces(topology, keyspaces);
    }

    static Topology without(Topology topology, String keyspace) {
        var keyspaces = new HashMap<>(topology.keyspaces());
        keyspaces.remove(keyspace);
        return withKeyspaces(topology, keyspaces);
    }

    private static Topology withKeyspaces(Topology topology, Map<String, Keyspace> keyspaces) {
        return new Topology(
                topology.epoch(),
                topology.shards(),
                topology.defaultShard(),
                topology.bucketMap(),
                keyspaces);
    }

    private static Shard shard(ShardId id, int offset) {
        return new Shard(
                id,
                offset,
                List.of(
                        new Node(id + "-a", NodeRole.PRIMARY, "127.0.0.1", 3310 + offset),
                        new Node(id + "-b", NodeRole.REPLICA, "127.0.0.1", 3320 + offset)));
    }
}
