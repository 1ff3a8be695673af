package io.shardway.router.topology;

import java.util.Optional;

/**
 * What the topology says of one table. Immutable.
 *
 * @param name as MySQL stores it
 * @param shardKey the key column; present exactly for sharded tables
 */
public record TableEntry(String name, TableKind kind, Optional<String> shardKey) {

    public TableEntry {
        if ((kind == TableKind.SHARDED) != shardKey.isPresent()) {
            throw new IllegalArgumentException(
                    "a sharded table has a shard key, others have none: " + name);
        }
    }
}
