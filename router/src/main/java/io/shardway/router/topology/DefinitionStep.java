package io.shardway.router.topology;

import io.shardway.router.keyspace.ShardId;

/**
 * One shard's part of a definition. Immutable.
 *
 * @param sql what is run there
 * @param before fingerprint of the tables before it ran
 * @param after fingerprint after it ran; empty as long as that is not known
 */
public record DefinitionStep(ShardId shard, String sql, State state, String before, String after) {

    /** How far a step is. */
    public enum State {
        /** Nothing was sent. */
        PENDING,
        /** It was sent, or is about to be: what became of it must be read on the shard. */
        BEGUN,
        /** The shard has it. */
        DONE,
        /** The shard had it or not; it is as it was before. */
        UNDONE
    }

    /** The same step, further on. */
    public DefinitionStep in(State now) {
        return new DefinitionStep(shard, sql, now, before, after);
    }

    /** Done, and what the tables are like since. */
    public DefinitionStep done(String fingerprint) {
        return new DefinitionStep(shard, sql, State.DONE, before, fingerprint);
    }
}
