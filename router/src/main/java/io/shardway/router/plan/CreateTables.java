package io.shardway.router.plan;

import static io.shardway.router.plan.Definitions.every;

import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Optional;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;

/** Plans CREATE TABLE, also LIKE and AS. Stateless. */
final class CreateTables {

    private CreateTables() {}

    static Plan plan(CreateTableContext create, ParsedSql sql, TableResolver tables) {
        if (create.TEMPORARY() != null) {
            throw PlanRejection.notOffered("temporary tables in a sharded keyspace");
        }
        Names.Table name = Names.table(create.tableName());
        if (tables.isPlain(name)) {
            return ofPlain(create, tables);
        }
        KeyspaceSchema schema = tables.shardedOf(name);
        tables.requireUsable(name);
        if (schema.entry(name.name()).isPresent()) {
            // MySQL says that it exists, or notes it if IF NOT EXISTS stands there.
            return Definitions.changesNothing(schema.keyspace(), name.name());
        }
        if (create.startTransaction() != null) {
            throw PlanRejection.notOffered("CREATE TABLE ... START TRANSACTION");
        }
        if (create.createLikeClause() != null) {
            return like(create, name.name(), schema, tables);
        }
        TableDefinition definition = TableDefinition.read(create, sql);
        return create.duplicateAsQueryExpression() == null
                ? asWritten(definition, name.name(), schema)
                : asSelect(create, definition, name.name(), schema, sql, tables);
    }

    /** LIKE and AS must not read a sharded keyspace behind the planner's back. */
    private static Plan ofPlain(CreateTableContext create, TableResolver tables) {
        boolean copies = create.duplicateAsQueryExpression() != null;
        boolean like =
                create.createLikeClause() != null
                        && !tables.isPlain(Names.table(create.createLikeClause().tableName()));
        if (copies || like) {
            throw PlanRejection.notOffered(
                    "CREATE TABLE of a plain keyspace ... LIKE or AS from here; USE the keyspace"
                            + " first");
        }
        return Definitions.onPlain(Definitions.named(create), tables);
    }

    private static Plan asWritten(TableDefinition definition, String table, KeyspaceSchema schema) {
        Optional<String> key = definition.shardKey(schema.shardKey());
        TableKind kind = definition.kind(key);
        new DefinitionRules(definition, kind, key, table, schema).check();
        return create(new TableEntry(table, kind, key), schema, definition.options().firstKey());
    }

    private static Plan like(
            CreateTableContext create, String table, KeyspaceSchema schema, TableResolver tables) {
        Names.Table model = Names.table(create.createLikeClause().tableName());
        if (!tables.keyspaceOf(model).equals(schema.keyspace())) {
            throw PlanRejection.notOffered("CREATE TABLE ... LIKE a table of another keyspace");
        }
        TableUse use = tables.use(model, Optional.empty());
        TableEntry entry = use.schema().orElseThrow().entry();
        if (entry.isView()) {
            throw PlanRejection.notOffered("CREATE TABLE ... LIKE a view");
        }
        return create(entry.named(table), schema, 0);
    }

    /** Of whole tables of the default shard that shard alone makes one. */
    private static Plan asSelect(
            CreateTableContext create,
            TableDefinition definition,
            String table,
            KeyspaceSchema schema,
            ParsedSql sql,
            TableResolver tables) {
        var reader = new QueryReader(sql, tables);
        reader.walk(
                create.duplicateAsQueryExpression().select(), QueryBlock.within(Optional.empty()));
        reader.requireEverySelectRead();
        boolean alone =
                definition.directives().isSingle()
                        && reader.uses().stream().allMatch(CreateTables::isWhole);
        if (!alone) {
            return CreateSelects.plan(create, definition, schema, reader);
        }
        definition.options().requireInnoDb();
        var rules =
                new KeyRules(table, TableKind.SINGLE, Optional.empty(), true, _ -> false, schema);
        definition.constraints().forEach(rules::check);
        if (reader.usesLocks()) {
            throw PlanRejection.notOffered("GET_LOCK and its like in CREATE TABLE ... AS");
        }
        return create(new TableEntry(table, TableKind.SINGLE, Optional.empty()), schema, 0);
    }

    private static boolean isWhole(TableUse use) {
        return switch (use.origin()) {
            case SINGLE, REFERENCE, DERIVED -> true;
            case SHARDED, PLAIN, SYSTEM -> false;
        };
    }

    private static Plan create(TableEntry entry, KeyspaceSchema schema, long firstKey) {
        var change =
                new DefinitionChange(
                        List.of(entry.name()),
                        Optional.empty(),
                        List.of(),
                        List.of(entry),
                        true,
                        List.of("DROP TABLE " + QuotedName.of(schema.keyspace(), entry.name())),
                        "");
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.CREATE_TABLE,
                        schema.keyspace(),
                        every(entry.kind()),
                        "",
                        change.withFirstKey(firstKey)));
    }
}
