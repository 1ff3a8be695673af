package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.KeyspaceLife;
import io.shardway.router.topology.KeyspaceState;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A node {@code /keyspaces/<name>}: the schema epoch and the tables of a keyspace. Immutable.
 *
 * @param changeId of the change that wrote it
 * @param definitions the definition under way; one at most
 * @param published number of the definition that changed it last
 * @param changes of the whole keyspace; one at most
 */
record KeyspaceDocument(
        String changeId,
        long schemaEpoch,
        List<Table> tables,
        List<Open> definitions,
        long published,
        List<Change> changes) {

    /**
     * @param shardKey empty unless the table is sharded
     * @param viewOf empty unless it is a view
     */
    record Table(String name, String kind, String shardKey, List<String> viewOf) {

        static Table of(TableEntry table) {
            return new Table(
                    table.name(), table.kind().name(), table.shardKey().orElse(""), table.viewOf());
        }

        TableEntry toEntry() {
            return new TableEntry(name, TableKind.valueOf(kind), present(shardKey), viewOf);
        }
    }

    /** See {@link OpenDefinition}. */
    record Open(long number, List<String> tables, String use) {

        static Open of(OpenDefinition open) {
            return new Open(
                    open.number(), open.tables().stream().sorted().toList(), open.use().name());
        }

        OpenDefinition toDefinition() {
            return new OpenDefinition(number, Set.copyOf(tables), OpenDefinition.Use.valueOf(use));
        }
    }

    /** See {@link KeyspaceChange}. */
    record Change(String statement, String proxy, long begunMillis, String problem) {

        static Change of(KeyspaceChange change) {
            return new Change(
                    change.statement(),
                    change.proxy(),
                    change.begunAt().toEpochMilli(),
                    change.problem());
        }

        KeyspaceChange toChange() {
            return new KeyspaceChange(statement, proxy, Instant.ofEpochMilli(begunMillis), problem);
        }
    }

    static KeyspaceDocument of(Keyspace keyspace, String changeId) {
        return new KeyspaceDocument(
                changeId,
                keyspace.schemaEpoch().number(),
                keyspace.tables().values().stream()
                        .sorted(Comparator.comparing(TableEntry::name))
                        .map(Table::of)
                        .toList(),
                keyspace.definition().stream().map(Open::of).toList(),
                keyspace.published(),
                keyspace.change().stream().map(Change::of).toList());
    }

    /** Throws {@link IllegalArgumentException} when it says something impossible. */
    Keyspace toKeyspace(TopologyDocument.KeyspaceEntry entry) {
        return new Keyspace(
                entry.name(),
                present(entry.shardKey()),
                entry.idStride(),
                new SchemaEpoch(schemaEpoch),
                tables.stream()
                        .map(Table::toEntry)
                        .collect(Collectors.toMap(TableEntry::name, table -> table)),
                new KeyspaceLife(
                        KeyspaceState.valueOf(entry.state()),
                        changes.stream().findFirst().map(Change::toChange),
                        definitions.stream().findFirst().map(Open::toDefinition),
                        published));
    }

    private static Optional<String> present(String text) {
        return Optional.of(text).filter(Predicate.not(String::isEmpty));
    }
}
