package io.shardway.proxy.query;

import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.Locale;

/**
 * One shard's copy of a reference table. Immutable.
 *
 * @param write the number of its last write
 * @param missing rows that only the default shard's copy has
 * @param extra rows that only this copy has
 * @param changed rows that both have, with other values
 * @param keys conditions that find some of these rows
 * @param detail why it is unknown; empty otherwise
 */
public record CopyStatus(
        ShardId shard,
        State state,
        long write,
        long rows,
        long missing,
        long extra,
        long changed,
        List<String> keys,
        String detail) {

    public CopyStatus {
        keys = List.copyOf(keys);
    }

    /** How a copy compares with the default shard's. */
    public enum State {
        /** It is the default shard's, which the others follow. */
        DEFAULT,
        /** The same rows. */
        EQUAL,
        /** The same writes, but other rows: somebody wrote to a node directly. */
        DIFFERS,
        /** It lacks a write; it is repaired by itself. */
        BEHIND,
        /** It has a write that the default shard has not. */
        AHEAD,
        /** It was made like the default shard's. */
        REPAIRED,
        /** It could not be read. */
        UNKNOWN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
