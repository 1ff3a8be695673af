package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceState;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A node {@code /keyspaces/<name>}: the schema epoch and the tables of a keyspace. Immutable.
 *
 * @param changeId of the change that wrote it
 */
record KeyspaceDocument(String changeId, long schemaEpoch, List<Table> tables) {

    /**
     * @param shardKey empty unless the table is sharded
     */
    record Table(String name, String kind, String shardKey) {}

    static KeyspaceDocument of(Keyspace keyspace, String changeId) {
        return new KeyspaceDocument(
                changeId,
                keyspace.schemaEpoch().number(),
                keyspace.tables().values().stream()
                        .sorted(Comparator.comparing(TableEntry::name))
                        .map(table ->
                                new Table(
                                        table.name(),
                                        table.kind().name(),
                                        table.shardKey().orElse("")))
                        .toList());
    }

    /** Throws {@link IllegalArgumentException} when it says something impossible. */
    Keyspace toKeyspace(TopologyDocument.KeyspaceEntry entry) {
        return new Keyspace(
                entry.name(),
                present(entry.shardKey()),
                entry.idStride(),
                new SchemaEpoch(schemaEpoch),
                tables.stream()
                        .map(table ->
                                new TableEntry(
                                        table.name(),
                                        TableKind.valueOf(table.kind()),
                                        present(table.shardKey())))
                        .collect(Collectors.toMap(TableEntry::name, table -> table)),
                KeyspaceState.valueOf(entry.state()));
    }

    private static Optional<String> present(String text) {
        return Optional.of(text).filter(Predicate.not(String::isEmpty));
    }
}
