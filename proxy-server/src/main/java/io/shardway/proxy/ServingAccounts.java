package io.shardway.proxy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that this proxy's serving account is on every primary: at the start, on nodes and for
 * keyspaces that join, and on a node that was away, once it is back. Thread-safe.
 */
final class ServingAccounts {

    private static final Logger LOG = LoggerFactory.getLogger(ServingAccounts.class);

    private final ServingAccount account;
    private final OwnerConnections owner;
    private final Map<Node, Set<String>> keyspacesOf = new ConcurrentHashMap<>();
    private final Set<Node> running = ConcurrentHashMap.newKeySet();

    ServingAccounts(ServingAccount account, OwnerConnections owner) {
        this.account = account;
        this.owner = owner;
    }

    /**
     * Makes the account on all primaries at once; blocks. A shard that is away is left for later,
     * but for the default shard, without which little works.
     *
     * @throws ShardwayException if the default shard's primary cannot be reached or refuses
     */
    void makeAll(Topology topology) {
        var attempts = new HashMap<Shard, Future<?>>();
        try (var threads = Starting.inParallel()) {
            for (Shard shard : topology.shards().values()) {
                attempts.put(
                        shard,
                        threads.submit(() -> {
                            make(shard.primary(), topology);
                            return shard;
                        }));
            }
        }
        attempts.forEach((shard, attempt) -> {
            if (attempt.state() != Future.State.FAILED) {
                return;
            }
            String problem =
                    "owner account on node %s: %s"
                            .formatted(shard.primary().name(), attempt.exceptionNow().getMessage());
            if (shard.id().equals(topology.defaultShard())) {
                throw new ShardwayException(
                        ErrorCode.BACKEND_UNAVAILABLE, problem, attempt.exceptionNow());
            }
            LOG.warn("event=shard-away shard={} reason={}", shard.id(), problem);
        });
    }

    /** Makes what is missing, in the background. */
    void complete(Topology topology) {
        topology.shards().values().forEach(shard -> complete(shard.primary(), topology));
    }

    /** Makes the account on one node if it is missing, in the background; one attempt at a time. */
    void complete(Node node, Topology topology) {
        if (topology.keyspaces().keySet().equals(keyspacesOf.get(node)) || !running.add(node)) {
            return;
        }
        Thread.ofVirtual()
                .name("serving-account")
                .start(() -> {
                    try {
                        make(node, topology);
                        LOG.info("event=account-made node={}", node.name());
                    } catch (SQLException away) {
                        LOG.debug(
                                "event=account-later node={} reason={}",
                                node.name(),
                                away.getMessage());
                    } finally {
                        running.remove(node);
                    }
                });
    }

    private void make(Node node, Topology topology) throws SQLException {
        account.make(node, topology, owner, !keyspacesOf.containsKey(node));
        keyspacesOf.put(node, Set.copyOf(topology.keyspaces().keySet()));
    }
}
