package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The node {@code /topology}: everything but the tables. Immutable.
 *
 * @param recentChanges the newest last; tells a writer who lost its answer what became of it
 */
record TopologyDocument(
        long epoch,
        String defaultShard,
        List<ShardEntry> shards,
        List<Run> buckets,
        List<KeyspaceEntry> keyspaces,
        List<Change> recentChanges) {

    private static final int RECENT_CHANGES_MAX = 64;

    record ShardEntry(String id, int idOffset, List<NodeEntry> nodes) {}

    record NodeEntry(String name, String role, String host, int port) {}

    /** The shard owns the buckets {@code from} to {@code to}, both included. */
    record Run(int from, int to, String shard) {}

    /**
     * @param shardKey empty for a plain keyspace
     * @param state a {@link io.shardway.router.topology.KeyspaceState}
     * @param changeId of the change that wrote the keyspace's node as it is now
     */
    record KeyspaceEntry(
            String name, String shardKey, int idStride, String state, String changeId) {}

    /** Who made an epoch: the id is the writer's own, drawn for this one attempt. */
    record Change(long epoch, String id) {}

    /**
     * What becomes of the topology with this change.
     *
     * @param changeIds for every keyspace, see {@link KeyspaceEntry}
     */
    static TopologyDocument of(
            Topology topology,
            List<Change> earlier,
            String changeId,
            Map<String, String> changeIds) {
        var changes = new ArrayList<>(earlier);
        changes.add(new Change(topology.epoch().number(), changeId));
        int surplus = Math.max(0, changes.size() - RECENT_CHANGES_MAX);
        return new TopologyDocument(
                topology.epoch().number(),
                topology.defaultShard().name(),
                topology.shards().values().stream()
                        .sorted(Comparator.comparing(Shard::id))
                        .map(TopologyDocument::entryOf)
                        .toList(),
                runsOf(topology.bucketMap()),
                topology.keyspaces().values().stream()
                        .sorted(Comparator.comparing(Keyspace::name))
                        .map(keyspace -> entryOf(keyspace, changeIds))
                        .toList(),
                List.copyOf(changes.subList(surplus, changes.size())));
    }

    /** Throws {@link IllegalArgumentException} when it says something impossible. */
    Topology toTopology(Map<String, Keyspace> keyspaces) {
        return new Topology(
                new Epoch(epoch),
                shards.stream()
                        .map(TopologyDocument::shardOf)
                        .collect(Collectors.toMap(Shard::id, shard -> shard)),
                new ShardId(defaultShard),
                bucketMap(),
                keyspaces);
    }

    Optional<KeyspaceEntry> keyspace(String name) {
        return keyspaces.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    Optional<Change> changeOf(long epoch) {
        return recentChanges.stream().filter(change -> change.epoch() == epoch).findFirst();
    }

    private static ShardEntry entryOf(Shard shard) {
        var nodes =
                shard.nodes().stream()
                        .map(node ->
                                new NodeEntry(
                                        node.name(), node.role().name(), node.host(), node.port()))
                        .toList();
        return new ShardEntry(shard.id().name(), shard.idOffset(), nodes);
    }

    private static KeyspaceEntry entryOf(Keyspace keyspace, Map<String, String> changeIds) {
        return new KeyspaceEntry(
                keyspace.name(),
                keyspace.shardKey().orElse(""),
                keyspace.idStride(),
                keyspace.state().name(),
                Objects.requireNonNull(changeIds.get(keyspace.name())));
    }

    private static List<Run> runsOf(BucketMap map) {
        var runs = new ArrayList<Run>();
        int from = 0;
        for (int bucket = 1; bucket <= Bucket.COUNT; bucket++) {
            ShardId owner = map.ownerOf(from);
            if (bucket == Bucket.COUNT || !map.ownerOf(bucket).equals(owner)) {
                runs.add(new Run(from, bucket - 1, owner.name()));
                from = bucket;
            }
        }
        return runs;
    }

    private BucketMap bucketMap() {
        var owners = new ArrayList<ShardId>(Bucket.COUNT);
        for (Run run : buckets) {
            if (run.from() != owners.size() || run.to() < run.from() || run.to() >= Bucket.COUNT) {
                throw new IllegalArgumentException("the buckets have a hole or overlap at " + run);
            }
            var owner = new ShardId(run.shard());
            for (int bucket = run.from(); bucket <= run.to(); bucket++) {
                owners.add(owner);
            }
        }
        return BucketMap.of(owners);
    }

    private static Shard shardOf(ShardEntry entry) {
        return new Shard(
                new ShardId(entry.id()),
                entry.idOffset(),
                entry.nodes().stream()
                        .map(node ->
                                new Node(
                                        node.name(),
                                        NodeRole.valueOf(node.role()),
                                        node.host(),
                                        node.port()))
                        .toList());
    }
}
