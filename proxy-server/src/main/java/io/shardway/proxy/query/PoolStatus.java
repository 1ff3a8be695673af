package io.shardway.proxy.query;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.NodeRole;
import java.util.Optional;

/**
 * One pool of backend connections. Immutable.
 *
 * @param flavour what its connections agreed on with the node; empty if they are counted together
 * @param open idle and leased together
 * @param limit of open connections
 * @param fenced this proxy's serving account is locked on the node
 * @param lastError why the node could not be reached; empty as soon as it could again
 */
public record PoolStatus(
        String node,
        NodeRole role,
        ShardId shard,
        String flavour,
        int open,
        int idle,
        int leased,
        int waiters,
        int limit,
        boolean fenced,
        Optional<String> lastError) {}
