package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.ServerSchemas;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.schema.UnusableTable;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableKind;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the tables a statement names in the catalog. Confined to one call of the planner. */
final class TableResolver {

    private final Catalog catalog;
    private final String currentKeyspace;
    private final Set<String> commonTables = new HashSet<>();
    private final NeedsReader needs = new NeedsReader();
    private final SchemaReader schemaReader = new SchemaReader();

    TableResolver(Catalog catalog, String currentKeyspace) {
        this.catalog = catalog;
        this.currentKeyspace = currentKeyspace;
    }

    /** What the statement does where, as far as it is read. */
    NeedsReader needs() {
        return needs;
    }

    /** Where it names tables of information_schema. */
    SchemaReader schemaReader() {
        return schemaReader;
    }

    String currentKeyspace() {
        return currentKeyspace;
    }

    Catalog catalog() {
        return catalog;
    }

    /**
     * A name of a WITH query. It must not hide a table: which of the two is meant at a certain
     * place would depend on rules that are easily got wrong.
     */
    void defineCommonTable(String name) {
        boolean hides =
                catalog.sharded(currentKeyspace).stream()
                        .flatMap(schema -> schema.names().stream())
                        .anyMatch(name::equalsIgnoreCase);
        if (hides) {
            throw PlanRejection.notUnderstood(
                    "the WITH query " + name + " has the name of a table; give it another one");
        }
        commonTables.add(name);
    }

    TableUse use(Names.Table table, Optional<String> alias) {
        String shownName = alias.orElse(table.name());
        if (table.keyspace().isEmpty() && commonTables.contains(table.name())) {
            return TableUse.derived(shownName);
        }
        String keyspace = keyspaceOf(table);
        if (ServerSchemas.isMySqls(keyspace)) {
            refuseProcesses(keyspace, table.name());
            needs.readsSystem(keyspace, table.name());
            return new TableUse(TableUse.Origin.SYSTEM, keyspace, shownName, Optional.empty());
        }
        Optional<KeyspaceSchema> sharded = catalog.sharded(keyspace);
        if (sharded.isEmpty()) {
            return new TableUse(TableUse.Origin.PLAIN, keyspace, shownName, Optional.empty());
        }
        refuseOpen(table);
        TableSchema schema =
                sharded.get().table(table.name()).orElseThrow(() -> missing(sharded.get(), table));
        schema.viewOf().forEach(base -> requireBase(sharded.get(), base));
        TableUse.Origin origin =
                switch (schema.kind()) {
                    case SHARDED -> TableUse.Origin.SHARDED;
                    case REFERENCE -> TableUse.Origin.REFERENCE;
                    case SINGLE -> TableUse.Origin.SINGLE;
                };
        return new TableUse(
                origin,
                keyspace,
                shownName,
                Optional.of(schema),
                references(sharded.get(), schema));
    }

    /** What would be refused for a table is refused for a view that reads it. */
    private void requireBase(KeyspaceSchema schema, String base) {
        var name = new Names.Table(schema.keyspace(), base);
        refuseOpen(name);
        if (schema.table(base).isEmpty()) {
            throw missing(schema, name);
        }
    }

    /** A view has no copy of its own; what its shard must have is the tables it reads. */
    private static Set<ReferenceTable> references(KeyspaceSchema schema, TableSchema read) {
        Stream<TableSchema> tables =
                read.isView()
                        ? read.viewOf().stream().flatMap(base -> schema.table(base).stream())
                        : Stream.of(read);
        return tables.filter(table -> table.kind() == TableKind.REFERENCE)
                .map(table -> new ReferenceTable(schema.keyspace(), table.name()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Refuses a table that a definition is about to change, or has changed on some shards. */
    void refuseOpen(Names.Table table) {
        Optional<OpenDefinition> open = openOn(table);
        if (open.isEmpty()) {
            return;
        }
        String what = "DDL %d, table %s".formatted(open.get().number(), table.name());
        switch (open.get().use()) {
            case NOTHING_YET -> throw new PlanRejection(ErrorCode.TABLE_BEING_DEFINED, what);
            case NOTHING -> throw new PlanRejection(ErrorCode.TABLE_HALF_DEFINED, what);
            case NAMED_COLUMNS -> {}
        }
    }

    /**
     * Refuses a table whose columns may be changing: for writes that go by their positions, and for
     * reads that put rows of several shards together.
     */
    void requireFixedColumns(TableUse target) {
        var name = new Names.Table(target.keyspace(), target.schema().orElseThrow().name());
        openOn(name)
                .ifPresent(open -> {
                    throw new PlanRejection(
                            ErrorCode.TABLE_BEING_DEFINED,
                            "DDL %d, table %s".formatted(open.number(), name.name()));
                });
    }

    private Optional<OpenDefinition> openOn(Names.Table table) {
        return catalog.sharded(keyspaceOf(table))
                .flatMap(KeyspaceSchema::definition)
                .filter(open -> open.tables().contains(table.name()));
    }

    private static PlanRejection missing(KeyspaceSchema schema, Names.Table table) {
        UnusableTable unusable = schema.unusable().get(table.name());
        return unusable == null
                ? unknown(schema.keyspace(), table)
                : new PlanRejection(ErrorCode.SCHEMA_MISMATCH, unusable.why());
    }

    /** The default shard must not make, as if it were new, what the topology has already. */
    void requireUsable(Names.Table table) {
        UnusableTable unusable = shardedOf(table).unusable().get(table.name());
        if (unusable != null) {
            throw new PlanRejection(
                    ErrorCode.SCHEMA_MISMATCH,
                    unusable.why() + "; DROP TABLE IF EXISTS forgets it");
        }
    }

    /** The sharded keyspace a table is in. */
    KeyspaceSchema shardedOf(Names.Table table) {
        return catalog.sharded(keyspaceOf(table))
                .orElseThrow(() ->
                        PlanRejection.notOffered("tables in the schemas of the server itself"));
    }

    /** All clients share the proxy's account on a node, which sees its threads here. */
    private static void refuseProcesses(String schema, String table) {
        if (schema.equalsIgnoreCase("performance_schema")
                && table.equalsIgnoreCase("processlist")) {
            throw PlanRejection.notOffered(
                    "performance_schema.processlist; use information_schema.PROCESSLIST");
        }
    }

    /** The keyspace a table is in: a known one or one of the server's own schemas. */
    String keyspaceOf(Names.Table table) {
        String keyspace = table.keyspace().isEmpty() ? currentKeyspace : table.keyspace();
        if (keyspace.isEmpty()) {
            throw new PlanRejection(ErrorCode.NO_KEYSPACE, "table " + table.name());
        }
        if (!ServerSchemas.isMySqls(keyspace)) {
            needs.reads(keyspace);
        }
        if (!catalog.has(keyspace) && !ServerSchemas.isMySqls(keyspace)) {
            throw new PlanRejection(
                    ErrorCode.UNKNOWN_KEYSPACE, "Unknown database '" + keyspace + "'");
        }
        return keyspace;
    }

    boolean isPlain(Names.Table table) {
        return catalog.plain().contains(keyspaceOf(table));
    }

    static PlanRejection unknown(String keyspace, Names.Table table) {
        return new PlanRejection(
                ErrorCode.UNKNOWN_TABLE,
                "Table '" + keyspace + "." + table.name() + "' doesn't exist");
    }
}
