package io.shardway.proxy;

import io.netty.channel.EventLoop;
import io.shardway.proxy.backend.NodeConnector;
import io.shardway.proxy.backend.NodeLimit;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.settings.BackendSettings;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Makes and retires the pools of all loops as nodes come and go. Thread-safe; each pool stays on
 * its loop.
 */
final class LoopBackends {

    private final BackendSettings settings;
    private final NodeConnector connector;
    private final NodePool.PoolListener listener;
    private final List<EventLoop> loops;
    private final Map<Node, NodeLimit> limits = new ConcurrentHashMap<>();

    LoopBackends(
            BackendSettings settings,
            NodeConnector connector,
            NodePool.PoolListener listener,
            List<EventLoop> loops) {
        this.settings = settings;
        this.connector = connector;
        this.listener = listener;
        this.loops = List.copyOf(loops);
    }

    NodeLimit limitOf(Node node) {
        return limits.computeIfAbsent(
                node, _ -> new NodeLimit(settings.connectionsMax(), settings.waitersMax(), loops));
    }

    /** Brings one loop's pools to a topology. Called on that loop. */
    void update(LoopContext context, Topology topology) {
        Map<ShardId, NodePool> pools = context.primaries();
        for (ShardId shard : new TreeSet<>(Set.copyOf(pools.keySet()))) {
            Shard wanted = topology.shards().get(shard);
            NodePool pool = pools.get(shard);
            if (pool != null && (wanted == null || !wanted.primary().equals(pool.node()))) {
                pools.remove(shard);
                pool.retire();
            }
        }
        for (Shard shard : topology.shards().values()) {
            pools.computeIfAbsent(shard.id(), _ -> open(context, shard.primary()));
        }
        Set<String> plain = plainKeyspaces(topology);
        pools.values().forEach(pool -> pool.keepOnly(plain));
    }

    private static Set<String> plainKeyspaces(Topology topology) {
        return topology.keyspaces().values().stream()
                .filter(keyspace -> keyspace.isServed() && !keyspace.isSharded())
                .map(Keyspace::name)
                .collect(Collectors.toSet());
    }

    private NodePool open(LoopContext context, Node node) {
        var poolLimits =
                new NodePool.PoolLimits(
                        settings.acquireTimeout(),
                        settings.fencedHoldMax(),
                        settings.idleTimeout(),
                        settings.lifetimeMax());
        return new NodePool(
                node,
                context.loop(),
                context.index(),
                limitOf(node),
                connector,
                poolLimits,
                listener);
    }

    /** Closes what idles for too long. Called on the loop. */
    void sweep(LoopContext context) {
        context.primaries().values().forEach(NodePool::sweep);
    }

    /** The proxy stops. Called on the loop. */
    void retire(LoopContext context) {
        new HashMap<>(context.primaries()).values().forEach(NodePool::retire);
    }
}
