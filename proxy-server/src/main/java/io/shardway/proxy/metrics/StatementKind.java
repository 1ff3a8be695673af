package io.shardway.proxy.metrics;

/** How statements are told apart in metrics, by what their plan does. */
public enum StatementKind {
    /** Relayed to the owner of its key. */
    KEYED,
    /** Reads reference tables only. */
    ANY_SHARD,
    /** Reads rows of several shards, which are brought to one node. */
    ASSEMBLED,
    /** The same, where only the first rows of each shard are brought. */
    FINISHED,
    /** Reads rows of several shards, which answer it by themselves. */
    SCATTERED,
    /** Relayed to the default shard. */
    DEFAULT_SHARD,
    /** In a plain keyspace: relayed without being parsed. */
    PLAIN,
    /** Makes, changes or drops a keyspace. */
    DEFINE_KEYSPACE,
    /** Done by the session. */
    CONTROL,
    /** Begins with SHARDWAY. */
    ADMIN,
    /** Makes or drops a table. */
    DEFINE_TABLE,
    /** Writes a reference table on every shard. */
    WRITE_REFERENCE,
    /** Writes rows of several keys, perhaps on several shards. */
    SPREAD_WRITE,
    /** Refused. */
    REJECTED
}
