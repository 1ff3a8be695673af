package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the topology a cluster begins with: one sharded keyspace, buckets spread evenly. Pure. */
public final class FirstTopology {

    private static final int SHARDS_MAX = 63;

    private FirstTopology() {}

    /** Shards get their id offsets in the order given. */
    public static Topology of(
            List<ShardSpec> specs, Optional<ShardId> defaultShard, String keyspace, String key) {
        if (specs.isEmpty() || specs.size() > SHARDS_MAX) {
            throw new UserProblem("A cluster has 1 to 63 shards, not " + specs.size() + ".");
        }
        requireDifferent(specs);
        var shards = new HashMap<ShardId, Shard>();
        for (int i = 0; i < specs.size(); i++) {
            shards.put(specs.get(i).id(), specs.get(i).toShard(i + 1));
        }
        ShardId home = defaultShard.orElse(specs.getFirst().id());
        if (!shards.containsKey(home)) {
            throw new UserProblem("The default shard %s is not among the shards.".formatted(home));
        }
        return new Topology(
                new Epoch(1),
                shards,
                home,
                BucketMap.even(specs.stream().map(ShardSpec::id).toList()),
                Map.of(keyspace, sharded(keyspace, key)));
    }

    private static Keyspace sharded(String name, String key) {
        return new Keyspace(
                name, Optional.of(key), Keyspace.DEFAULT_ID_STRIDE, new SchemaEpoch(1), Map.of());
    }

    private static void requireDifferent(List<ShardSpec> specs) {
        var names = new HashSet<ShardId>();
        var addresses = new HashSet<Object>();
        for (ShardSpec spec : specs) {
            if (!names.add(spec.id())) {
                throw new UserProblem("Two shards have the name %s.".formatted(spec.id()));
            }
            spec.addresses()
                    .forEach(address -> {
                        if (!addresses.add(address)) {
                            throw new UserProblem("The node %s is named twice.".formatted(address));
                        }
                    });
        }
    }
}
