package io.shardway.router.plan;

import static io.shardway.router.plan.Definitions.every;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterViewContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnNamesContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateViewContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DropViewContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ViewNameContext;
import org.jspecify.annotations.Nullable;

/** Plans CREATE, ALTER and DROP VIEW. Stateless. */
final class ViewDefinitions {

    private static final String TEXT_GONE = "the view as it was before is not kept";

    private ViewDefinitions() {}

    static Plan create(CreateViewContext create, ParsedSql sql, TableResolver tables) {
        return define(
                create.viewName(),
                create.REPLACE() != null,
                create.ownerStatement(),
                columns(create.columnNames()),
                create.select(),
                sql,
                tables);
    }

    static Plan alter(AlterViewContext alter, ParsedSql sql, TableResolver tables) {
        return define(
                alter.viewName(),
                true,
                alter.ownerStatement(),
                columns(alter.columnNames()),
                alter.select(),
                sql,
                tables);
    }

    private static Plan define(
            ViewNameContext viewName,
            boolean replace,
            @Nullable ParserRuleContext definer,
            List<String> columns,
            SelectContext select,
            ParsedSql sql,
            TableResolver tables) {
        Names.Table name = name(viewName);
        if (tables.isPlain(name)) {
            throw PlanRejection.notOffered("views of a plain keyspace from here; USE it first");
        }
        KeyspaceSchema schema = tables.shardedOf(name);
        tables.requireUsable(name);
        Optional<TableEntry> present = schema.entry(name.name());
        if (present.isPresent() && (!replace || !present.get().isView())) {
            return Definitions.changesNothing(schema.keyspace(), name.name());
        }
        if (definer != null) {
            throw PlanRejection.notOffered("DEFINER: views belong to Shardway's own account");
        }
        tables.refuseOpen(name);
        TableEntry entry = new ViewReader(sql, tables, schema).read(name.name(), columns, select);
        if (present.isPresent() && every(present.get().kind()) != every(entry.kind())) {
            throw new PlanRejection(
                    ErrorCode.VIEW_REFUSED,
                    "it would live on other shards than before: DROP VIEW first");
        }
        var change =
                new DefinitionChange(
                        List.of(name.name()),
                        present.isPresent()
                                ? Optional.of(OpenDefinition.Use.NOTHING_YET)
                                : Optional.empty(),
                        List.of(),
                        List.of(entry),
                        true,
                        present.isPresent()
                                ? List.of()
                                : List.of(
                                        "DROP VIEW "
                                                + QuotedName.of(schema.keyspace(), name.name())),
                        present.isPresent() ? TEXT_GONE : "");
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.CREATE_VIEW,
                        schema.keyspace(),
                        every(entry.kind()),
                        "",
                        change));
    }

    static Plan drop(DropViewContext drop, TableResolver tables) {
        List<Names.Table> names =
                drop.viewNames().viewName().stream().map(ViewDefinitions::name).toList();
        if (names.stream().allMatch(tables::isPlain)) {
            throw PlanRejection.notOffered("views of a plain keyspace from here; USE it first");
        }
        KeyspaceSchema schema = Definitions.ofOneKeyspace(names, tables, "DROP VIEW");
        var dropped = new ArrayList<TableEntry>();
        for (Names.Table name : names) {
            tables.refuseOpen(name);
            schema.entry(name.name()).filter(TableEntry::isView).ifPresent(dropped::add);
        }
        if (dropped.isEmpty()) {
            return Definitions.changesNothing(schema.keyspace(), names.getFirst().name());
        }
        if (dropped.size() < names.size()) {
            throw PlanRejection.notOffered(
                    "DROP VIEW of views together with what is none: name only views there are");
        }
        if (dropped.stream().map(entry -> every(entry.kind())).distinct().count() > 1) {
            throw PlanRejection.notOffered(
                    "DROP VIEW of views over single tables together with others: drop them apart");
        }
        List<String> gone = dropped.stream().map(TableEntry::name).toList();
        String elsewhere =
                "DROP VIEW IF EXISTS "
                        + String.join(
                                ", ",
                                gone.stream()
                                        .map(view -> QuotedName.of(schema.keyspace(), view))
                                        .toList());
        var change =
                new DefinitionChange(
                        gone, Optional.empty(), gone, List.of(), true, List.of(), TEXT_GONE);
        return new Plan.DefineTable(
                new Definition(
                        Definition.Verb.DROP_VIEW,
                        schema.keyspace(),
                        every(dropped.getFirst().kind()),
                        elsewhere,
                        change));
    }

    private static Names.Table name(ViewNameContext view) {
        String keyspace = view.owner() == null ? "" : Names.of(view.owner());
        return new Names.Table(keyspace, Names.of(view.identifier()));
    }

    private static List<String> columns(@Nullable ColumnNamesContext names) {
        return names == null ? List.of() : names.columnName().stream().map(Names::of).toList();
    }

    /** Views over views are not read: each would have to be proved anew when another changes. */
    static void refuseView(Optional<TableSchema> schema) {
        if (schema.filter(TableSchema::isView).isPresent()) {
            throw new PlanRejection(
                    ErrorCode.VIEW_REFUSED,
                    "it reads the view " + schema.get().name() + "; name its tables instead");
        }
    }
}
