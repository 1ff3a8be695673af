package io.shardway.router.topology;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.ShardId;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is served at one epoch. Immutable; shared freely between threads.
 *
 * @param defaultShard holds plain keyspaces and single tables
 * @param bucketMap one map for all sharded keyspaces
 */
public record Topology(
        Epoch epoch,
        Map<ShardId, Shard> shards,
        ShardId defaultShard,
        BucketMap bucketMap,
        Map<String, Keyspace> keyspaces) {

    public Topology {
        shards = Map.copyOf(shards);
        keyspaces = Map.copyOf(keyspaces);
        if (!shards.containsKey(defaultShard)) {
            throw new IllegalArgumentException("the default shard is unknown: " + defaultShard);
        }
        bucketMap.requireEveryBucketOwnedBy(shards.keySet());
    }

    public Shard ownerOf(Bucket bucket) {
        return shard(bucketMap.ownerOf(bucket));
    }

    public Shard shard(ShardId id) {
        Shard shard = shards.get(id);
        if (shard == null) {
            throw new IllegalArgumentException("unknown shard " + id);
        }
        return shard;
    }

    public Optional<Keyspace> keyspace(String name) {
        return Optional.ofNullable(keyspaces.get(name));
    }
}
