package io.shardway.router.topology;

import java.util.List;
import java.util.Optional;

/**
 * What the topology says of one table or view. Immutable.
 *
 * @param name as MySQL stores it
 * @param shardKey the key column; present exactly for sharded tables
 * @param viewOf the tables a view reads; empty for a table
 */
public record TableEntry(
        String name, TableKind kind, Optional<String> shardKey, List<String> viewOf) {

    public TableEntry {
        viewOf = List.copyOf(viewOf);
        if ((kind == TableKind.SHARDED) != shardKey.isPresent()) {
            throw new IllegalArgumentException(
                    "a sharded table has a shard key, others have none: " + name);
        }
    }

    /** A table. */
    public TableEntry(String name, TableKind kind, Optional<String> shardKey) {
        this(name, kind, shardKey, List.of());
    }

    public boolean isView() {
        return !viewOf.isEmpty();
    }

    /** A reference table, of which every shard has a copy; a view over such tables has none. */
    public boolean isCopied() {
        return kind == TableKind.REFERENCE && !isView();
    }

    public TableEntry named(String newName) {
        return new TableEntry(newName, kind, shardKey, viewOf);
    }
}
