package io.shardway.proxy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
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
    private final Map<Node, Set<ServingAccount.Part>> madeOn = new ConcurrentHashMap<>();

    /** Through these this process may be serving: what is done through them is not ended. */
    private final Map<Node, Set<ServingAccount.Part>> everMadeOn = new ConcurrentHashMap<>();

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
                            make(shard, topology);
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

    /**
     * Makes what is missing for a topology before it is served; blocks. A node that is away is left
     * for later.
     */
    void prepare(Topology topology) {
        List<Shard> shards =
                topology.shards().values().stream()
                        .filter(shard -> !isComplete(shard, topology))
                        .toList();
        try (var threads = Starting.inParallel()) {
            for (Shard shard : shards) {
                threads.submit(() -> attempt(shard, topology));
            }
        }
    }

    /** Makes the accounts on one node if they are missing, in the background. */
    void complete(Node node, Topology topology) {
        for (Shard shard : topology.shards().values()) {
            boolean due = shard.primary().equals(node) && !isComplete(shard, topology);
            if (due && running.add(node)) {
                Thread.ofVirtual()
                        .name("serving-account")
                        .start(() -> {
                            try {
                                attempt(shard, topology);
                            } finally {
                                running.remove(node);
                            }
                        });
            }
        }
    }

    /** An account is not there after all: somebody dropped it. */
    void forget(Node node) {
        madeOn.remove(node);
    }

    /** A keyspace was dropped or changes its kind: what was made for it is made anew. */
    private static Set<ServingAccount.Part> missing(
            Set<ServingAccount.Part> made, Set<ServingAccount.Part> wanted) {
        var missing = new LinkedHashSet<>(wanted);
        missing.removeAll(made);
        return missing;
    }

    private boolean isComplete(Shard shard, Topology topology) {
        return ServingAccount.partsOf(topology, shard.id()).equals(madeOn.get(shard.primary()));
    }

    private void attempt(Shard shard, Topology topology) {
        try {
            make(shard, topology);
        } catch (SQLException away) {
            LOG.warn(
                    "event=account-later node={} reason={}",
                    shard.primary().name(),
                    away.getMessage());
        }
    }

    private Set<ServingAccount.Part> madeOn(Node node) {
        return madeOn.getOrDefault(node, Set.of());
    }

    private void make(Shard shard, Topology topology) throws SQLException {
        Node node = shard.primary();
        Set<ServingAccount.Part> wanted = ServingAccount.partsOf(topology, shard.id());
        Set<ServingAccount.Part> missing = missing(madeOn(node), wanted);
        if (!missing.isEmpty()) {
            Set<ServingAccount.Part> known =
                    everMadeOn.computeIfAbsent(node, _ -> ConcurrentHashMap.newKeySet());
            account.make(node, missing, missing(known, missing), owner);
            known.addAll(missing);
            LOG.info("event=account-made node={} parts={}", node.name(), missing.size());
        }
        madeOn.put(node, Set.copyOf(wanted));
    }
}
