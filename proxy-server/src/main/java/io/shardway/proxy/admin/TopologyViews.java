package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Rights;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A topology snapshot as tables. Stateless. */
final class TopologyViews {

    private TopologyViews() {}

    /** One row for each node. */
    static AdminAnswer.Table shards(Topology topology) {
        var rows = new ArrayList<List<@Nullable String>>();
        for (Shard shard : new TreeMap<>(topology.shards()).values()) {
            for (Node node : shard.nodes()) {
                rows.add(
                        List.of(
                                shard.id().name(),
                                node.name(),
                                lower(node.role()),
                                node.host() + ":" + node.port(),
                                Integer.toString(topology.bucketMap().countOf(shard.id())),
                                Integer.toString(shard.idOffset()),
                                shard.id().equals(topology.defaultShard()) ? "yes" : "no"));
            }
        }
        return new AdminAnswer.Table(
                List.of("shard", "node", "role", "address", "buckets", "id_offset", "default"),
                rows);
    }

    /** One row for each run of neighbouring buckets with one owner. */
    static AdminAnswer.Table buckets(Topology topology) {
        var rows = new ArrayList<List<@Nullable String>>();
        int first = 0;
        for (int next = 1; next <= Bucket.COUNT; next++) {
            ShardId owner = topology.bucketMap().ownerOf(first);
            if (next == Bucket.COUNT || !topology.bucketMap().ownerOf(next).equals(owner)) {
                rows.add(
                        List.of(
                                owner.name(),
                                Integer.toString(first),
                                Integer.toString(next - 1),
                                Integer.toString(next - first)));
                first = next;
            }
        }
        return new AdminAnswer.Table(List.of("shard", "first", "last", "buckets"), rows);
    }

    /** One row for each keyspace. */
    static AdminAnswer.Table keyspaces(Topology topology, Rights rights) {
        var rows = new ArrayList<List<@Nullable String>>();
        for (Keyspace keyspace : new TreeMap<>(topology.keyspaces()).values()) {
            if (!rights.allow(keyspace.name(), AccountRight.READ)) {
                continue;
            }
            rows.add(
                    Arrays.asList(
                            keyspace.name(),
                            keyspace.isSharded() ? "sharded" : "plain",
                            keyspace.shardKey().orElse(null),
                            state(keyspace),
                            Integer.toString(keyspace.idStride()),
                            keyspace.isSharded() ? "all" : topology.defaultShard().name()));
        }
        return new AdminAnswer.Table(
                List.of("keyspace", "kind", "shard_key", "state", "id_stride", "shards"), rows);
    }

    private static String state(Keyspace keyspace) {
        return keyspace.isServed() && keyspace.change().isPresent()
                ? "altering"
                : lower(keyspace.state());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
