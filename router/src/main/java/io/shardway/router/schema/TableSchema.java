package io.shardway.router.schema;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Optional;

/**
 * One table of a sharded keyspace: its kind, its key, its columns. Immutable.
 *
 * @param name as MySQL stores it
 * @param key present exactly for sharded tables
 * @param columns in table order
 */
public record TableSchema(
        String name, TableKind kind, Optional<Key> key, List<ColumnSchema> columns) {

    /** The shard key column of a sharded table. */
    public record Key(String column, KeyType type) {}

    public TableSchema {
        columns = List.copyOf(columns);
        if ((kind == TableKind.SHARDED) != key.isPresent()) {
            throw new IllegalArgumentException(
                    "a sharded table has a shard key, others have none: " + name);
        }
    }

    /** Whether the table has the column; MySQL compares column names without regard to case. */
    public boolean hasColumn(String column) {
        return columns.stream().anyMatch(each -> each.name().equalsIgnoreCase(column));
    }
}
