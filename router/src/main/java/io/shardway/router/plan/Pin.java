package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import java.util.List;

/**
 * The one shard key a statement is pinned to. Immutable.
 *
 * @param values every place that names the key; at execution all must be exact spellings of the
 *     same key, else the statement is rejected. Never empty.
 */
public record Pin(KeyType type, Use use, List<ValueRef> values) {

    /** How MySQL uses the value, which decides what is an exact spelling. */
    public enum Use {
        /** Compared with the column: {@code =} or a one-element IN. NULL matches no row. */
        COMPARED,
        /** Stored in the column. NULL is rejected. */
        STORED,
        /** Stored in an AUTO_INCREMENT column, where 0 makes MySQL draw an id: 0 is rejected. */
        STORED_OR_DRAWN,
        /** Stored in one place and compared in another: the strictest of all. */
        STORED_AND_COMPARED
    }

    public Pin {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a pin names at least one value");
        }
    }
}
