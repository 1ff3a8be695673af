package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.TableDirectives;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableConstraintDefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableElementContext;

/** A CREATE TABLE statement as written: columns, constraints, options. Immutable. */
record TableDefinition(
        List<ColumnDefinitionContext> columns,
        List<TableConstraintDefContext> constraints,
        TableOptions options) {

    TableDefinition {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
    }

    static TableDefinition read(CreateTableContext create, ParsedSql sql) {
        var columns = new ArrayList<ColumnDefinitionContext>();
        var constraints = new ArrayList<TableConstraintDefContext>();
        if (create.createDefinitionClause() != null) {
            for (TableElementContext element :
                    create.createDefinitionClause().tableElementList().tableElement()) {
                if (element.columnDefinition() != null) {
                    columns.add(element.columnDefinition());
                } else {
                    constraints.add(element.tableConstraintDef());
                }
            }
        }
        return new TableDefinition(
                columns,
                constraints,
                TableOptions.read(
                        create.createTableOptions() == null
                                ? List.of()
                                : create.createTableOptions().createTableOption(),
                        sql));
    }

    TableDirectives directives() {
        return options.comment().orElse(TableDirectives.NONE);
    }

    /** The column the rows are spread by, as the table spells it. */
    Optional<String> shardKey(String keyOfKeyspace) {
        if (directives().isReference() || directives().isSingle()) {
            return Optional.empty();
        }
        Optional<String> chosen = directives().key();
        Optional<String> column =
                column(chosen.orElse(keyOfKeyspace)).map(each -> Names.of(each.identifier()));
        if (chosen.isPresent() && column.isEmpty()) {
            throw refused("the comment says key=" + chosen.get() + ", but no column is named so");
        }
        return column;
    }

    TableKind kind(Optional<String> shardKey) {
        if (shardKey.isPresent()) {
            return TableKind.SHARDED;
        }
        return directives().isReference() ? TableKind.REFERENCE : TableKind.SINGLE;
    }

    Optional<ColumnDefinitionContext> column(String name) {
        return columns.stream()
                .filter(each -> Names.of(each.identifier()).equalsIgnoreCase(name))
                .findFirst();
    }

    static PlanRejection refused(String detail) {
        return new PlanRejection(ErrorCode.TABLE_DEFINITION_REFUSED, detail);
    }
}
