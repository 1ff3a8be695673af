package io.shardway.router.schema;

import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All tables of one sharded keyspace at one schema epoch. Immutable.
 *
 * @param shardKey the keyspace's shard key column
 * @param tables by name as MySQL stores it (table names are case-sensitive)
 * @param unusable tables that every statement is refused for, but DROP
 * @param definition the one that is under way or half done, if its tables must be spared
 */
public record KeyspaceSchema(
        String keyspace,
        String shardKey,
        SchemaEpoch epoch,
        Map<String, TableSchema> tables,
        Map<String, UnusableTable> unusable,
        Optional<OpenDefinition> definition) {

    public KeyspaceSchema {
        tables = Map.copyOf(tables);
        unusable = Map.copyOf(unusable);
    }

    /** With nothing out of order. */
    public KeyspaceSchema(
            String keyspace, String shardKey, SchemaEpoch epoch, Map<String, TableSchema> tables) {
        this(keyspace, shardKey, epoch, tables, Map.of(), Optional.empty());
    }

    /** Of all tables, the unusable ones too. */
    public Set<String> names() {
        var names = new HashSet<>(tables.keySet());
        names.addAll(unusable.keySet());
        return names;
    }

    public Optional<TableSchema> table(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** What the topology says of a table, usable or not. */
    public Optional<TableEntry> entry(String name) {
        return table(name)
                .map(TableSchema::entry)
                .or(() -> Optional.ofNullable(unusable.get(name)).map(UnusableTable::entry));
    }

    /** The views that read a table. */
    public List<String> viewsOf(String name) {
        return Stream.concat(
                        tables.values().stream().map(TableSchema::entry),
                        unusable.values().stream().map(UnusableTable::entry))
                .filter(entry -> entry.viewOf().contains(name))
                .map(TableEntry::name)
                .sorted()
                .toList();
    }

    /** Whether a column of this name decides anywhere in the keyspace where rows live. */
    public boolean isKeyName(String column) {
        return shardKey.equalsIgnoreCase(column)
                || tables.values().stream()
                        .flatMap(table -> table.key().stream())
                        .anyMatch(key -> key.column().equalsIgnoreCase(column));
    }
}
