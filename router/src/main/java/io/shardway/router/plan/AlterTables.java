package io.shardway.router.plan;

import static io.shardway.router.plan.Definitions.every;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Optional;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropIndexContext;

/** Plans ALTER TABLE, CREATE INDEX and DROP INDEX. Stateless. */
final class AlterTables {

    private static final String NO_WAY_BACK = "MySQL does not say how to take it back";

    private AlterTables() {}

    static Plan plan(AlterTableContext alter, ParsedSql sql, TableResolver tables) {
        Names.Table name = Names.table(alter.tableName());
        if (tables.isPlain(name)) {
            return Definitions.onPlain(Definitions.named(alter), tables);
        }
        KeyspaceSchema keyspace = tables.shardedOf(name);
        TableEntry entry = Definitions.table(name, tables);
        TableSchema schema = Definitions.schemaOf(name, tables);
        if (alter.alterTableActions() == null
                || alter.alterTableActions().alterTablePartitionOptions() != null) {
            throw PlanRejection.notOffered(
                    "ALTER TABLE with partitions, tablespaces or a secondary engine");
        }
        var reader = new AlterReader(schema, keyspace, sql);
        if (alter.alterTableActions().alterCommandList() != null) {
            reader.read(alter.alterTableActions().alterCommandList());
        }
        Optional<String> renamed = reader.renamedTo();
        if (renamed.isPresent()) {
            Definitions.refuseIfViewed(keyspace, entry.name());
            if (!tables.keyspaceOf(reader.target()).equals(keyspace.keyspace())) {
                throw PlanRejection.notOffered("ALTER TABLE ... RENAME into another keyspace");
            }
        }
        if (renamed.isPresent() && reader.firstKey() > 0) {
            throw PlanRejection.notOffered(
                    "ALTER TABLE ... RENAME together with AUTO_INCREMENT = n; send them one by one");
        }
        boolean moves = renamed.filter(to -> !to.equals(entry.name())).isPresent();
        var change =
                new DefinitionChange(
                        moves ? List.of(entry.name(), renamed.get()) : List.of(entry.name()),
                        moves ? Optional.of(OpenDefinition.Use.NOTHING_YET) : use(reader, entry),
                        moves ? List.of(entry.name()) : List.of(),
                        moves ? List.of(entry.named(renamed.get())) : List.of(),
                        true,
                        List.of(),
                        NO_WAY_BACK);
        return definition(keyspace, entry, change.withFirstKey(reader.firstKey()));
    }

    private static Optional<OpenDefinition.Use> use(AlterReader reader, TableEntry entry) {
        if (entry.kind() == TableKind.SINGLE) {
            return Optional.empty();
        }
        if (reader.namesKeys()) {
            return Optional.of(OpenDefinition.Use.NOTHING_YET);
        }
        return entry.kind() == TableKind.SHARDED && reader.movesColumns()
                ? Optional.of(OpenDefinition.Use.NAMED_COLUMNS)
                : Optional.empty();
    }

    static Plan createIndex(CreateIndexContext create, TableResolver tables) {
        Names.Table name = Names.table(create.tableName());
        if (tables.isPlain(name)) {
            return Definitions.onPlain(List.of(name), tables);
        }
        KeyspaceSchema keyspace = tables.shardedOf(name);
        TableEntry entry = Definitions.table(name, tables);
        boolean unique =
                create.createIndexSpecification() != null
                        && create.createIndexSpecification().UNIQUE() != null;
        if (unique) {
            rules(Definitions.schemaOf(name, tables), keyspace)
                    .checkUnique(create.keyListWithExpression());
        }
        String undo =
                "DROP INDEX "
                        + QuotedName.of(Names.of(create.indexName()))
                        + " ON "
                        + QuotedName.of(keyspace.keyspace(), entry.name());
        return definition(keyspace, entry, unheld(entry, List.of(undo), ""));
    }

    static Plan dropIndex(DropIndexContext drop, TableResolver tables) {
        Names.Table name = Names.table(drop.tableName());
        if (tables.isPlain(name)) {
            return Definitions.onPlain(List.of(name), tables);
        }
        KeyspaceSchema keyspace = tables.shardedOf(name);
        TableEntry entry = Definitions.table(name, tables);
        return definition(keyspace, entry, unheld(entry, List.of(), NO_WAY_BACK));
    }

    static KeyRules rules(TableSchema schema, KeyspaceSchema keyspace) {
        return new KeyRules(
                schema.name(),
                schema.kind(),
                schema.key().map(TableSchema.Key::column),
                schema.directives().isLocalUnique(),
                column -> schema.column(column).filter(ColumnSchema::autoIncrement).isPresent(),
                keyspace);
    }

    private static DefinitionChange unheld(TableEntry entry, List<String> undo, String noUndo) {
        return new DefinitionChange(
                List.of(entry.name()), Optional.empty(), List.of(), List.of(), true, undo, noUndo);
    }

    private static Plan definition(
            KeyspaceSchema keyspace, TableEntry entry, DefinitionChange change) {
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.ALTER_TABLE,
                        keyspace.keyspace(),
                        every(entry.kind()),
                        "",
                        change));
    }
}
