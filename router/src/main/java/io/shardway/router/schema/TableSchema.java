package io.shardway.router.schema;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Optional;

/**
 * One table or view of a sharded keyspace: its kind, its key, its columns. Immutable.
 *
 * @param name as MySQL stores it
 * @param key present exactly for sharded tables
 * @param columns in table order
 * @param directives of its comment
 * @param viewOf the tables a view reads; empty for a table
 * @param body a view's SELECT as MySQL tells it, in UTF-8 and without a mode of SQL; empty for a
 *     table, and where it is not known
 */
public record TableSchema(
        String name,
        TableKind kind,
        Optional<Key> key,
        List<ColumnSchema> columns,
        TableDirectives directives,
        List<String> viewOf,
        String body) {

    /** The shard key column of a sharded table. */
    public record Key(String column, KeyType type) {}

    public TableSchema {
        columns = List.copyOf(columns);
        viewOf = List.copyOf(viewOf);
        if ((kind == TableKind.SHARDED) != key.isPresent()) {
            throw new IllegalArgumentException(
                    "a sharded table has a shard key, others have none: " + name);
        }
    }

    /** A table without directives. */
    public TableSchema(String name, TableKind kind, Optional<Key> key, List<ColumnSchema> columns) {
        this(name, kind, key, columns, TableDirectives.NONE, List.of());
    }

    /** A table, or a view whose SELECT is not known. */
    public TableSchema(
            String name,
            TableKind kind,
            Optional<Key> key,
            List<ColumnSchema> columns,
            TableDirectives directives,
            List<String> viewOf) {
        this(name, kind, key, columns, directives, viewOf, "");
    }

    public boolean isView() {
        return !viewOf.isEmpty();
    }

    /** What the topology says of it. */
    public TableEntry entry() {
        return new TableEntry(name, kind, key.map(Key::column), viewOf);
    }

    public Optional<ColumnSchema> column(String column) {
        return columns.stream().filter(each -> each.name().equalsIgnoreCase(column)).findFirst();
    }

    /** Whether the table has the column; MySQL compares column names without regard to case. */
    public boolean hasColumn(String column) {
        return column(column).isPresent();
    }
}
