package io.shardway.router.plan;

/** What a write of rows of several keys is, which decides how its parts add up. Immutable. */
public enum SpreadKind {
    /** UPDATE or DELETE: the same text on every shard. */
    CHANGE,
    INSERT,
    /** What fails is left out. */
    INSERT_IGNORE,
    REPLACE,
    /** INSERT ... ON DUPLICATE KEY UPDATE. */
    INSERT_OR_UPDATE
}
