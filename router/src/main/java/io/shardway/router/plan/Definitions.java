package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterStatementContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AnalyzeTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CheckTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateViewContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropViewContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OptimizeTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RenameTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableListContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TruncateTableContext;

/**
 * Plans statements that define tables and views; what none of them understands is refused.
 * Stateless.
 */
final class Definitions {

    private static final String ROWS_GONE = "rows that were deleted are gone";

    private Definitions() {}

    static Plan plan(ParserRuleContext tree, ParsedSql sql, TableResolver tables) {
        return switch (tree) {
            case CreateTableContext create -> CreateTables.plan(create, sql, tables);
            case DropTableContext drop -> drop(drop, tables);
            case TruncateTableContext truncate -> truncate(truncate, tables);
            case RenameTableContext rename -> rename(rename, tables);
            case AlterStatementContext alter when alter.alterTable() != null ->
                    AlterTables.plan(alter.alterTable(), sql, tables);
            case AlterStatementContext alter when alter.alterView() != null ->
                    ViewDefinitions.alter(alter.alterView(), sql, tables);
            case CreateIndexContext create -> AlterTables.createIndex(create, tables);
            case DropIndexContext drop -> AlterTables.dropIndex(drop, tables);
            case CreateViewContext create -> ViewDefinitions.create(create, sql, tables);
            case DropViewContext drop -> ViewDefinitions.drop(drop, tables);
            case AnalyzeTableContext analyze -> maintain(analyze.tableList(), tables);
            case CheckTableContext check -> maintain(check.tableList(), tables);
            case OptimizeTableContext optimize -> maintain(optimize.tableList(), tables);
            default -> throw other(tree, sql);
        };
    }

    /** The keyspace's own account carries it out, which reaches no other. */
    static Plan onPlain(List<Names.Table> names, TableResolver tables) {
        String keyspace = tables.keyspaceOf(names.getFirst());
        for (Names.Table name : names) {
            if (!tables.keyspaceOf(name).equals(keyspace)) {
                throw new PlanRejection(
                        ErrorCode.TWO_KEYSPACES, "table " + name.name() + " of another one");
            }
        }
        return new Plan.Plain(keyspace, Access.WRITE, Traits.NONE.planned(true, InsertId.UNCLEAR));
    }

    /** Of every table that is named anywhere: foreign keys may point into other keyspaces. */
    static List<Names.Table> named(ParseTree tree) {
        var names = new ArrayList<Names.Table>();
        collect(tree, names);
        return names;
    }

    private static PlanRejection other(ParserRuleContext tree, ParsedSql sql) {
        named(tree); // Names that are not UTF-8 are refused as such.
        return PlanRejection.notOffered(firstWords(sql));
    }

    private static Plan drop(DropTableContext drop, TableResolver tables) {
        if (drop.TEMPORARY() != null) {
            throw PlanRejection.notOffered("temporary tables");
        }
        List<Names.Table> names = drop.tableList().tableName().stream().map(Names::table).toList();
        if (names.stream().allMatch(tables::isPlain)) {
            return onPlain(names, tables);
        }
        KeyspaceSchema schema = ofOneKeyspace(names, tables, "DROP TABLE");
        var known = new ArrayList<TableEntry>();
        for (Names.Table name : names) {
            Optional<TableEntry> entry = schema.entry(name.name());
            if (entry.isEmpty() && drop.ifExists() == null) {
                throw TableResolver.unknown(schema.keyspace(), name);
            }
            if (entry.isPresent() && entry.get().isView()) {
                throw PlanRejection.notOffered(name.name() + " is a view; DROP VIEW drops it");
            }
            entry.ifPresent(known::add);
        }
        List<String> dropped = known.stream().map(TableEntry::name).toList();
        dropped.forEach(table -> refuseIfViewed(schema, table));
        if (known.isEmpty()) {
            return changesNothing(schema.keyspace(), names.getFirst().name());
        }
        String elsewhere =
                known.stream()
                        .filter(entry -> entry.kind() != TableKind.SINGLE)
                        .map(entry -> QuotedName.of(schema.keyspace(), entry.name()))
                        .collect(Collectors.joining(", ", "DROP TABLE IF EXISTS ", ""));
        var change =
                new DefinitionChange(
                        dropped,
                        Optional.of(OpenDefinition.Use.NOTHING_YET),
                        dropped,
                        List.of(),
                        true,
                        List.of(),
                        ROWS_GONE);
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.DROP_TABLE,
                        schema.keyspace(),
                        place(known),
                        elsewhere,
                        change));
    }

    private static Plan truncate(TruncateTableContext truncate, TableResolver tables) {
        Names.Table name = Names.table(truncate.tableName());
        if (tables.isPlain(name)) {
            return onPlain(List.of(name), tables);
        }
        TableEntry entry = table(name, tables);
        Definition.Place place = every(entry.kind());
        var change =
                new DefinitionChange(
                        List.of(entry.name()),
                        place == Definition.Place.EVERY_SHARD
                                ? Optional.of(OpenDefinition.Use.NOTHING_YET)
                                : Optional.empty(),
                        List.of(),
                        List.of(),
                        false,
                        List.of(),
                        ROWS_GONE);
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.TRUNCATE_TABLE,
                        tables.keyspaceOf(name),
                        place,
                        "",
                        change));
    }

    private static Plan rename(RenameTableContext rename, TableResolver tables) {
        List<Names.Table> names = rename.tableName().stream().map(Names::table).toList();
        if (names.stream().allMatch(tables::isPlain)) {
            return onPlain(names, tables);
        }
        KeyspaceSchema schema = ofOneKeyspace(names, tables, "RENAME TABLE");
        return rename(names.stream().map(Names.Table::name).toList(), schema, tables);
    }

    /**
     * @param names old, new, old, new, ...
     */
    private static Plan rename(List<String> names, KeyspaceSchema schema, TableResolver tables) {
        var now = new HashMap<String, TableEntry>();
        var places = new ArrayList<TableEntry>();
        var undo = new ArrayList<String>();
        for (int index = 0; index < names.size(); index += 2) {
            String from = names.get(index);
            String to = names.get(index + 1);
            TableEntry entry = now.get(from);
            if (entry == null) {
                entry = table(new Names.Table(schema.keyspace(), from), tables);
                places.add(entry);
            }
            refuseIfViewed(schema, from);
            now.remove(from);
            now.put(to, entry.named(to));
            undo.addFirst(
                    QuotedName.of(schema.keyspace(), to)
                            + " TO "
                            + QuotedName.of(schema.keyspace(), from));
        }
        if (places.stream().map(entry -> every(entry.kind())).distinct().count() > 1) {
            throw PlanRejection.notOffered(
                    "RENAME TABLE of single tables together with others: rename them one by one");
        }
        var change =
                new DefinitionChange(
                        names.stream().distinct().toList(),
                        Optional.of(OpenDefinition.Use.NOTHING_YET),
                        names.stream().distinct().toList(),
                        now.values().stream().toList(),
                        true,
                        List.of("RENAME TABLE " + String.join(", ", undo)),
                        "");
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.RENAME_TABLE,
                        schema.keyspace(),
                        place(places),
                        "",
                        change));
    }

    private static Plan maintain(TableListContext list, TableResolver tables) {
        List<Names.Table> names = list.tableName().stream().map(Names::table).toList();
        if (names.stream().allMatch(tables::isPlain)) {
            return onPlain(names, tables);
        }
        KeyspaceSchema schema = ofOneKeyspace(names, tables, "such a statement");
        List<TableEntry> entries = names.stream().map(name -> table(name, tables)).toList();
        if (entries.stream().map(entry -> every(entry.kind())).distinct().count() > 1) {
            throw PlanRejection.notOffered("single tables together with others: name them apart");
        }
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.MAINTAIN_TABLE,
                        schema.keyspace(),
                        place(entries),
                        "",
                        nothing(names.stream().map(Names.Table::name).toList())));
    }

    static Plan changesNothing(String keyspace, String table) {
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.CHANGES_NOTHING,
                        keyspace,
                        Definition.Place.DEFAULT_SHARD,
                        "",
                        nothing(List.of(table))));
    }

    private static DefinitionChange nothing(List<String> tables) {
        return new DefinitionChange(
                tables,
                Optional.empty(),
                List.of(),
                List.of(),
                true,
                List.of(),
                "nothing was changed");
    }

    /** A table that is there and may be defined anew; no view. */
    static TableEntry table(Names.Table name, TableResolver tables) {
        TableSchema schema = schemaOf(name, tables);
        if (schema.isView()) {
            throw PlanRejection.notOffered(
                    name.name() + " is a view; use CREATE OR REPLACE VIEW and DROP VIEW");
        }
        return schema.entry();
    }

    static TableSchema schemaOf(Names.Table name, TableResolver tables) {
        tables.shardedOf(name);
        return tables.use(name, Optional.empty()).schema().orElseThrow();
    }

    static void refuseIfViewed(KeyspaceSchema schema, String table) {
        List<String> views = schema.viewsOf(table);
        if (!views.isEmpty()) {
            throw new PlanRejection(
                    ErrorCode.VIEW_DEPENDS,
                    "table " + table + " is read by " + String.join(", ", views));
        }
    }

    static KeyspaceSchema ofOneKeyspace(
            List<Names.Table> names, TableResolver tables, String statement) {
        String keyspace = tables.keyspaceOf(names.getFirst());
        if (!names.stream().map(tables::keyspaceOf).allMatch(keyspace::equals)) {
            throw PlanRejection.notOffered(statement + " of tables in two keyspaces");
        }
        return tables.shardedOf(names.getFirst());
    }

    static Definition.Place every(TableKind kind) {
        return kind == TableKind.SINGLE
                ? Definition.Place.DEFAULT_SHARD
                : Definition.Place.EVERY_SHARD;
    }

    private static Definition.Place place(Collection<TableEntry> entries) {
        return entries.stream().allMatch(entry -> entry.kind() == TableKind.SINGLE)
                ? Definition.Place.DEFAULT_SHARD
                : Definition.Place.EVERY_SHARD;
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
}
