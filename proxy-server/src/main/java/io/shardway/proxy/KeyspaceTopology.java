package io.shardway.proxy;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings changes of keyspaces into the topology and to the proxies. Thread-safe; methods block.
 *
 * @param announceTimeout how long the other proxies have to serve a change
 */
record KeyspaceTopology(TopologyStore store, ProxyRegistry registry, Duration announceTimeout) {

    private static final Logger LOG = LoggerFactory.getLogger(KeyspaceTopology.class);

    Topology read() {
        return store.read();
    }

    List<Integer> proxies() {
        return registry.proxies().stream().map(ProxyState::number).toList();
    }

    Topology update(KeyspaceTurn turn, UnaryOperator<Optional<Keyspace>> change) {
        String name = turn.keyspace();
        return store.update(topology -> {
            // After it was read, before it is stored by compare-and-set.
            turn.requireHeld();
            return change.apply(topology.keyspace(name))
                    .map(topology::with)
                    .orElseGet(() -> topology.without(name));
        });
    }

    /** Notes that this change of the keyspace is under way, or that none is. */
    void note(KeyspaceTurn turn, Optional<KeyspaceChange> now) {
        update(turn, there -> there.map(keyspace -> keyspace.changing(now)));
    }

    /** Notes why the change stopped, if that can be noted. */
    void noteStopped(KeyspaceTurn turn, String why) {
        try {
            note(turn, Optional.of(turn.change().stopped(why)));
        } catch (ShardwayException away) {
            LOG.warn(
                    "event=keyspace-not-noted keyspace={} problem={} reason={}",
                    turn.keyspace(),
                    why,
                    away.getMessage());
        }
    }

    /** Until every living proxy serves it. */
    void awaitServed(Topology stored) {
        List<String> late = late(stored);
        if (!late.isEmpty()) {
            throw new ShardwayException(ErrorCode.NOT_ANNOUNCED, String.join(", ", late));
        }
    }

    /** A proxy that is late hears MySQL's errors instead of ours. */
    void awaitDrained(Topology stored) {
        List<String> late = late(stored);
        if (!late.isEmpty()) {
            LOG.warn("event=proxies-late epoch={} proxies={}", stored.epoch(), late);
        }
    }

    private List<String> late(Topology stored) {
        return registry.awaitAnnounced(stored.epoch(), Deadline.after(announceTimeout)).stream()
                .filter(ProxyState::alive)
                .map(proxy -> proxy.info().name())
                .toList();
    }

    /** Of the shards that hold the keyspace, the default shard's first. */
    static List<Node> primariesOf(Keyspace keyspace, Topology topology) {
        return keyspace.isSharded() ? primariesOf(topology) : List.of(home(topology));
    }

    static List<Node> primariesOf(Topology topology) {
        return topology.shardsInOrder().stream()
                .map(shard -> topology.shard(shard).primary())
                .toList();
    }

    /** Where plain keyspaces are. */
    static Node home(Topology topology) {
        return topology.shard(topology.defaultShard()).primary();
    }
}
