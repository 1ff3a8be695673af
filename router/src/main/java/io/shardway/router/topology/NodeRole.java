package io.shardway.router.topology;

/** What a node is in its shard. */
public enum NodeRole {
    /** Takes the writes. */
    PRIMARY,
    /** Follows the primary. */
    REPLICA
}
