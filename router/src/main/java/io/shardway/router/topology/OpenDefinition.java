package io.shardway.router.topology;

import java.util.Set;

/**
 * A definition that is under way in a keyspace, or was left half done, and what its tables may be
 * used for meanwhile. Immutable.
 *
 * @param number of its entry in the {@link DefinitionJournal}
 * @param tables all that it touches, by name as MySQL stores it
 */
public record OpenDefinition(long number, Set<String> tables, Use use) {

    /** What statements may do with the tables. */
    public enum Use {
        /** Everything but INSERT and REPLACE without column names: columns may change places. */
        NAMED_COLUMNS,
        /** Nothing until it is over, which is soon. */
        NOTHING_YET,
        /** Nothing until somebody resumes or abandons it: the shards may differ. */
        NOTHING
    }

    public OpenDefinition {
        tables = Set.copyOf(tables);
    }
}
