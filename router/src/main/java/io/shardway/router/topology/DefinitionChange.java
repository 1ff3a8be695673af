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
 * @param firstKey what AUTO_INCREMENT = n says: keys that proxies draw for the table from now on
 *     are at least this; 0 if it says nothing
 */
public record DefinitionChange(
        List<String> tables,
        Optional<OpenDefinition.Use> use,
        List<String> removed,
        List<TableEntry> added,
        boolean visible,
        List<String> undo,
        String noUndo,
        long firstKey) {

    public DefinitionChange {
        tables = List.copyOf(tables);
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        undo = List.copyOf(undo);
    }

    /** Without AUTO_INCREMENT = n. */
    public DefinitionChange(
            List<String> tables,
            Optional<OpenDefinition.Use> use,
            List<String> removed,
            List<TableEntry> added,
            boolean visible,
            List<String> undo,
            String noUndo) {
        this(tables, use, removed, added, visible, undo, noUndo, 0);
    }

    /** The same with AUTO_INCREMENT = n. */
    public DefinitionChange withFirstKey(long key) {
        return new DefinitionChange(tables, use, removed, added, visible, undo, noUndo, key);
    }

    /** The keyspace after the change; doing it twice changes nothing more. */
    public Keyspace applyTo(Keyspace keyspace) {
        var after = new HashMap<>(keyspace.tables());
        removed.forEach(after::remove);
        added.forEach(table -> after.put(table.name(), table));
        return keyspace.withTables(after);
    }
}
