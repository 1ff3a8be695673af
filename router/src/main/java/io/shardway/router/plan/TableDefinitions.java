package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterStatementContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TruncateTableContext;

/** Plans CREATE TABLE and DROP TABLE; refuses other definitions. Stateless. */
final class TableDefinitions {

    private TableDefinitions() {}

    static Plan create(CreateTableContext create, ParsedSql sql, TableResolver tables) {
        boolean copies =
                create.createLikeClause() != null || create.duplicateAsQueryExpression() != null;
        if (copies || create.TEMPORARY() != null) {
            throw PlanRejection.notOffered(
                    "CREATE TABLE ... LIKE, CREATE TABLE ... SELECT and temporary tables; a later"
                            + " version offers them");
        }
        Names.Table name = Names.table(create.tableName());
        if (tables.isPlain(name)) {
            // Foreign keys may point into other keyspaces.
            var named = new ArrayList<Names.Table>();
            collect(create, named);
            named.forEach(tables::keyspaceOf);
            return onPlain(named, tables);
        }
        String keyspace = tables.keyspaceOf(name);
        KeyspaceSchema schema = tables.sharded(keyspace).orElseThrow(TableDefinitions::ofServer);
        boolean ifNotExists = create.ifNotExists() != null;
        String wrong = schema.unusable().get(name.name());
        if (wrong != null) {
            throw new PlanRejection(
                    ErrorCode.SCHEMA_MISMATCH, wrong + "; DROP TABLE IF EXISTS forgets it");
        }
        Optional<TableSchema> existing = schema.table(name.name());
        if (existing.isPresent()) {
            // MySQL says that it exists, or nothing if IF NOT EXISTS stands there.
            return new Plan.DefineTable(
                    new Plan.Definition.Create(
                            keyspace,
                            name.name(),
                            existing.get().kind(),
                            existing.get().key().map(TableSchema.Key::column),
                            ifNotExists));
        }
        TableDefinition definition = TableDefinition.read(create, sql);
        Optional<String> key = definition.shardKey(schema.shardKey());
        TableKind kind = definition.kind(key);
        new DefinitionRules(definition, kind, key, name.name(), schema, keyspace).check(tables);
        return new Plan.DefineTable(
                new Plan.Definition.Create(keyspace, name.name(), kind, key, ifNotExists));
    }

    static Plan drop(DropTableContext drop, TableResolver tables) {
        if (drop.TEMPORARY() != null) {
            throw PlanRejection.notOffered("temporary tables");
        }
        List<Names.Table> names = drop.tableList().tableName().stream().map(Names::table).toList();
        if (names.stream().allMatch(tables::isPlain)) {
            return onPlain(names, tables);
        }
        boolean ifExists = drop.ifExists() != null;
        String keyspace = tables.keyspaceOf(names.getFirst());
        KeyspaceSchema schema = tables.sharded(keyspace).orElseThrow(TableDefinitions::ofServer);
        var dropped = new ArrayList<String>();
        for (Names.Table name : names) {
            if (!tables.keyspaceOf(name).equals(keyspace)) {
                throw PlanRejection.notOffered("DROP TABLE of tables in two keyspaces");
            }
            if (!schema.names().contains(name.name()) && !ifExists) {
                throw TableResolver.unknown(keyspace, name);
            }
            dropped.add(name.name());
        }
        return new Plan.DefineTable(new Plan.Definition.Drop(keyspace, dropped, ifExists));
    }

    /** Changes of tables in plain keyspaces pass; everything else is not offered. */
    static Plan other(ParserRuleContext tree, ParsedSql sql, TableResolver tables) {
        boolean ofTables =
                tree instanceof TruncateTableContext
                        || tree instanceof CreateIndexContext
                        || tree instanceof DropIndexContext
                        || tree instanceof AlterStatementContext alter
                                && alter.getChild(0) instanceof AlterTableContext;
        var names = new ArrayList<Names.Table>();
        collect(tree, names);
        if (ofTables && !names.isEmpty() && names.stream().allMatch(tables::isPlain)) {
            return onPlain(names, tables);
        }
        String words = firstWords(sql);
        throw PlanRejection.notOffered(ofTables ? words + " comes with a later version" : words);
    }

    private static Plan onPlain(List<Names.Table> names, TableResolver tables) {
        String keyspace = tables.keyspaceOf(names.getFirst());
        for (Names.Table name : names) {
            if (!tables.keyspaceOf(name).equals(keyspace)) {
                throw new PlanRejection(
                        ErrorCode.TWO_KEYSPACES, "table " + name.name() + " of another one");
            }
        }
        return new Plan.Plain(keyspace, Access.WRITE, Traits.NONE.planned(true, InsertId.UNCLEAR));
    }

    private static String firstWords(ParsedSql sql) {
        var tokens = sql.tokens();
        String first = tokens.getFirst().getText().toUpperCase(Locale.ROOT);
        boolean two = tokens.size() > 2 && Character.isLetter(tokens.get(1).getText().charAt(0));
        return two ? first + " " + tokens.get(1).getText().toUpperCase(Locale.ROOT) : first;
    }

    private static void collect(ParseTree tree, List<Names.Table> into) {
        if (tree instanceof TableNameContext name) {
            into.add(Names.table(name));
        }
        for (int child = 0; child < tree.getChildCount(); child++) {
            collect(tree.getChild(child), into);
        }
    }

    private static PlanRejection ofServer() {
        return new PlanRejection(
                ErrorCode.NOT_OFFERED, "tables in the schemas of the server itself");
    }
}
