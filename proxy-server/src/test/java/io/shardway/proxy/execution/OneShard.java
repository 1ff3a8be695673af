package io.shardway.proxy.execution;

import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.schema.Catalog;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a proxy serves in tests of its parts: one shard, which nobody connects to, and no table. */
public final class OneShard {

    private OneShard() {}

    public static Serving serving() {
        var id = new ShardId("s1");
        var shard =
                new Shard(id, 1, List.of(new Node("s1-a", NodeRole.PRIMARY, "localhost", 3306)));
        var topology =
                new Topology(
                        new Epoch(1), Map.of(id, shard), id, BucketMap.even(List.of(id)), Map.of());
        return new Serving(topology, new Catalog(new Epoch(1), Map.of(), Set.of()));
    }
}
