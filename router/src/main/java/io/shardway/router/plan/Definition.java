package io.shardway.router.plan;

import io.shardway.router.topology.DefinitionChange;

/**
 * What a definition statement does, where it runs, and what becomes of the topology. Immutable.
 *
 * @param elsewhere what runs on shards that are not the default shard; empty: the statement as
 *     written
 */
public record Definition(
        Verb verb, String keyspace, Place place, String elsewhere, DefinitionChange change) {

    /** What kind of statement it is. */
    public enum Verb {
        CREATE_TABLE,
        CREATE_VIEW,
        DROP_TABLE,
        DROP_VIEW,
        ALTER_TABLE,
        RENAME_TABLE,
        TRUNCATE_TABLE,
        /** ANALYZE, CHECK, OPTIMIZE: changes nothing, answers with rows. */
        MAINTAIN_TABLE,
        /** Changes nothing: MySQL says so by an error or a note, such as "table exists". */
        CHANGES_NOTHING;

        /** Whether a half of it would be different from the whole. */
        public boolean isJournaled() {
            return this != MAINTAIN_TABLE && this != CHANGES_NOTHING;
        }
    }

    /** Which shards have the tables. */
    public enum Place {
        DEFAULT_SHARD,
        EVERY_SHARD
    }

    @Override
    public String toString() {
        return "%s %s in %s on %s"
                .formatted(
                        verb.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                        change.tables(),
                        keyspace,
                        place == Place.EVERY_SHARD ? "every shard" : "the default shard");
    }
}
