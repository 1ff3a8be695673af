package io.shardway.router.topology;

/** Where the rows of a table live. */
public enum TableKind {
    /** Spread over the shards by the shard key. */
    SHARDED,
    /** A whole copy on every shard. */
    REFERENCE,
    /** Whole on the default shard. */
    SINGLE
}
