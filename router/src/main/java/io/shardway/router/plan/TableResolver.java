package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Finds the tables a statement names in the catalog. Confined to one call of the planner. */
final class TableResolver {

    private static final Set<String> SYSTEM =
            Set.of("information_schema", "mysql", "performance_schema", "sys");

    private final Catalog catalog;
    private final String currentKeyspace;
    private final Set<String> commonTables = new HashSet<>();
    private final NeedsReader needs = new NeedsReader();

    TableResolver(Catalog catalog, String currentKeyspace) {
        this.catalog = catalog;
        this.currentKeyspace = currentKeyspace;
    }

    /** What the statement does where, as far as it is read. */
    NeedsReader needs() {
        return needs;
    }

    String currentKeyspace() {
        return currentKeyspace;
    }

    Catalog catalog() {
        return catalog;
    }

    static boolean isSystem(String keyspace) {
        return SYSTEM.contains(keyspace.toLowerCase(Locale.ROOT));
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
        if (isSystem(keyspace)) {
            needs.readsSystem(keyspace, table.name());
            return new TableUse(TableUse.Origin.SYSTEM, keyspace, shownName, Optional.empty());
        }
        Optional<KeyspaceSchema> sharded = catalog.sharded(keyspace);
        if (sharded.isEmpty()) {
            return new TableUse(TableUse.Origin.PLAIN, keyspace, shownName, Optional.empty());
        }
        TableSchema schema =
                sharded.get()
                        .table(table.name())
                        .orElseThrow(() -> missing(sharded.get(), keyspace, table));
        TableUse.Origin origin =
                switch (schema.kind()) {
                    case SHARDED -> TableUse.Origin.SHARDED;
                    case REFERENCE -> TableUse.Origin.REFERENCE;
                    case SINGLE -> TableUse.Origin.SINGLE;
                };
        return new TableUse(origin, keyspace, shownName, Optional.of(schema));
    }

    /** The keyspace a table is in: a known one or one of the server's own schemas. */
    String keyspaceOf(Names.Table table) {
        String keyspace = table.keyspace().isEmpty() ? currentKeyspace : table.keyspace();
        if (keyspace.isEmpty()) {
            throw new PlanRejection(ErrorCode.NO_KEYSPACE, "table " + table.name());
        }
        if (!isSystem(keyspace)) {
            needs.reads(keyspace);
        }
        if (!catalog.has(keyspace) && !isSystem(keyspace)) {
            throw new PlanRejection(
                    ErrorCode.UNKNOWN_KEYSPACE, "Unknown database '" + keyspace + "'");
        }
        return keyspace;
    }

    Optional<KeyspaceSchema> sharded(String keyspace) {
        return catalog.sharded(keyspace);
    }

    boolean isPlain(Names.Table table) {
        return catalog.plain().contains(keyspaceOf(table));
    }

    private static PlanRejection missing(
            KeyspaceSchema schema, String keyspace, Names.Table table) {
        String wrong = schema.unusable().get(table.name());
        return wrong == null
                ? unknown(keyspace, table)
                : new PlanRejection(ErrorCode.SCHEMA_MISMATCH, wrong);
    }

    static PlanRejection unknown(String keyspace, Names.Table table) {
        return new PlanRejection(
                ErrorCode.UNKNOWN_TABLE,
                "Table '" + keyspace + "." + table.name() + "' doesn't exist");
    }
}
