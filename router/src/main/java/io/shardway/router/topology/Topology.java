package io.shardway.router.topology;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.ShardId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

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
        requireDisjointIds(shards, keyspaces);
    }

    /** Shards draw ids of their own; and what a client hears of the step holds wherever it goes. */
    private static void requireDisjointIds(
            Map<ShardId, Shard> shards, Map<String, Keyspace> keyspaces) {
        if (shards.values().stream().map(Shard::idOffset).distinct().count() < shards.size()) {
            throw new IllegalArgumentException("two shards have the same id offset");
        }
        long strides =
                keyspaces.values().stream()
                        .filter(Keyspace::isSharded)
                        .map(Keyspace::idStride)
                        .distinct()
                        .count();
        if (strides > 1) {
            throw new IllegalArgumentException("sharded keyspaces have one common id stride");
        }
    }

    /** The least id offset that a further shard can have; empty if all are taken. */
    public OptionalInt freeIdOffset() {
        return IntStream.rangeClosed(1, Shard.ID_OFFSET_MAX)
                .filter(offset ->
                        shards.values().stream().noneMatch(shard -> shard.idOffset() == offset))
                .findFirst();
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

    /** The same with one keyspace put in place of the one of its name, or added. */
    public Topology with(Keyspace keyspace) {
        var changed = new HashMap<>(keyspaces);
        changed.put(keyspace.name(), keyspace);
        return new Topology(epoch, shards, defaultShard, bucketMap, changed);
    }

    /** The same without a keyspace of this name. */
    public Topology without(String keyspace) {
        var changed = new HashMap<>(keyspaces);
        changed.remove(keyspace);
        return new Topology(epoch, shards, defaultShard, bucketMap, changed);
    }

    /** All shards, the default shard first, the others by name. */
    public List<ShardId> shardsInOrder() {
        var ids = new ArrayList<ShardId>();
        ids.add(defaultShard);
        shards.keySet().stream().filter(id -> !id.equals(defaultShard)).sorted().forEach(ids::add);
        return ids;
    }
}
