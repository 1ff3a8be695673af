package io.shardway.router.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * What a definition changes in the topology, and how it can be taken back. Immutable.
 *
 * @param tables all tables it touches, by name as MySQL stores it; what they are like is compared
 *     before and after
 * @param use what statements may do with these tables meanwhile; empty for everything
 * @param removed tables that are no longer there afterwards
 * @param added tables that are there afterwards
 * @param visible whether a shard's tables look different afterwards; if not (TRUNCATE), nobody can
 *     see there whether it was done
 * @param undo statements that take it back on a shard where it was done; empty if there are none
 * @param noUndo why there are none
 */
public record DefinitionChange(
        List<String> tables,
        Optional<OpenDefinition.Use> use,
        List<String> removed,
        List<TableEntry> added,
        boolean visible,
        List<String> undo,
        String noUndo) {

    public DefinitionChange {
        tables = List.copyOf(tables);
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        undo = List.copyOf(undo);
    }

    /** The keyspace after the change; doing it twice changes nothing more. */
    public Keyspace applyTo(Keyspace keyspace) {
        var after = new HashMap<>(keyspace.tables());
        removed.forEach(after::remove);
        added.forEach(table -> after.put(table.name(), table));
        return keyspace.withTables(after);
    }
}
