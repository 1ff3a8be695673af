package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.schema.ColumnSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValuesContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.FieldsContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertIdentifierContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertSpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OnDuplicateKeyClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ProjectionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ReplaceContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RowConstructorListContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SetAssignmentsClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableNameContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads INSERT and REPLACE: the table, and every place that gives a row its shard key. Confined to
 * one call of the planner.
 */
final class InsertReader {

    private final QueryReader reader;
    private final TableUse target;
    private final Set<ValueRef> stored = new LinkedHashSet<>();
    private InsertId insertId = InsertId.UNCLEAR;

    private InsertReader(QueryReader reader, TableNameContext table) {
        this.reader = reader;
        reader.walkChildren(table, QueryBlock.unknown());
        this.target = reader.tables().use(Names.table(table), Optional.empty());
        if (target.origin() == TableUse.Origin.DERIVED) {
            throw PlanRejection.notUnderstood("an INSERT into a WITH query");
        }
    }

    static InsertReader read(QueryReader reader, InsertContext insert) {
        var result = new InsertReader(reader, insert.tableName());
        refuseReturning(insert.returningClause());
        if (insert.insertValuesClause() != null) {
            var values = insert.insertValuesClause();
            result.readValues(
                    values.fields(), values.assignmentValues(), values.rowConstructorList());
            reader.walk(values, QueryBlock.unknown());
        } else if (insert.insertSelectClause() != null) {
            var select = insert.insertSelectClause();
            reader.walk(select, QueryBlock.unknown());
            result.readSelect(select.fields(), select.select());
        } else {
            result.readSet(insert.setAssignmentsClause());
        }
        if (insert.onDuplicateKeyClause() != null) {
            result.readOnDuplicate(insert.onDuplicateKeyClause());
        } else if (insert.insertSelectClause() == null
                && isPlain(insert.insertSpecification())
                && result.leavesIdToMySql(insert)) {
            result.insertId = InsertId.DRAWN;
        }
        return result;
    }

    static InsertReader read(QueryReader reader, ReplaceContext replace) {
        var result = new InsertReader(reader, replace.tableName());
        refuseReturning(replace.returningClause());
        if (replace.replaceValuesClause() != null) {
            var values = replace.replaceValuesClause();
            result.readValues(
                    values.fields(), values.assignmentValues(), values.rowConstructorList());
            reader.walk(values, QueryBlock.unknown());
        } else if (replace.replaceSelectClause() != null) {
            var select = replace.replaceSelectClause();
            reader.walk(select, QueryBlock.unknown());
            result.readSelect(select.fields(), select.select());
        } else {
            result.readSet(replace.setAssignmentsClause());
        }
        return result;
    }

    TableUse target() {
        return target;
    }

    /** Where the keys of the rows stand; empty for an INSERT ... SELECT of a pinned key column. */
    Set<ValueRef> stored() {
        return stored;
    }

    /** What the statement does to LAST_INSERT_ID(). */
    InsertId insertId() {
        return insertId;
    }

    /** Without IGNORE and its like. */
    private static boolean isPlain(@Nullable InsertSpecificationContext specification) {
        return specification == null || specification.getChildCount() == 0;
    }

    /** The table has an AUTO_INCREMENT column, and the statement names others, but not that one. */
    private boolean leavesIdToMySql(InsertContext insert) {
        Optional<ColumnSchema> drawn =
                target.schema().stream()
                        .flatMap(table -> table.columns().stream())
                        .filter(ColumnSchema::autoIncrement)
                        .findFirst();
        if (drawn.isEmpty()) {
            return false;
        }
        List<String> named;
        if (insert.insertValuesClause() == null) {
            named =
                    insert.setAssignmentsClause().assignment().stream()
                            .map(each -> Names.column(each.columnRef()).name())
                            .toList();
        } else if (insert.insertValuesClause().fields() == null) {
            return false;
        } else {
            named = columns(insert.insertValuesClause().fields());
        }
        return named.stream().noneMatch(drawn.get().name()::equalsIgnoreCase);
    }

    private static void refuseReturning(@Nullable ParserRuleContext clause) {
        if (clause != null) {
            throw PlanRejection.notUnderstood("RETURNING");
        }
    }

    private void readValues(
            @Nullable FieldsContext fields,
            List<AssignmentValuesContext> lists,
            @Nullable RowConstructorListContext constructors) {
        if (!target.isSharded()) {
            return;
        }
        List<AssignmentValuesContext> rows =
                constructors == null ? lists : constructors.assignmentValues();
        for (AssignmentValuesContext row : rows) {
            int position = keyPosition(fields, row.assignmentValue().size());
            store(row.assignmentValue(position));
        }
    }

    private void readSet(SetAssignmentsClauseContext set) {
        reader.walk(set, QueryBlock.unknown());
        if (!target.isSharded()) {
            return;
        }
        List<AssignmentContext> keys =
                set.assignment().stream()
                        .filter(each -> target.isKey(Names.column(each.columnRef()).name()))
                        .toList();
        if (keys.size() != 1) {
            throw keyMissing();
        }
        store(keys.getFirst().assignmentValue());
    }

    private void store(ParserRuleContext value) {
        stored.add(
                Conditions.valueRef(reader.sql(), Names.leaves(value))
                        .orElseThrow(() ->
                                new PlanRejection(
                                        ErrorCode.KEY_NOT_EXACT,
                                        "column "
                                                + target.key().column()
                                                + " must be given as a literal or a"
                                                + " parameter")));
    }

    private int keyPosition(@Nullable FieldsContext fields, int width) {
        List<String> names = columns(fields);
        int position = -1;
        for (int index = 0; index < names.size(); index++) {
            if (target.isKey(names.get(index))) {
                if (position >= 0) {
                    throw keyMissing();
                }
                position = index;
            }
        }
        if (position < 0 || names.size() != width) {
            throw keyMissing();
        }
        return position;
    }

    /** Without a list all columns in table order; invisible ones show as a different width. */
    private List<String> columns(@Nullable FieldsContext fields) {
        if (fields == null) {
            return target.schema().orElseThrow().columns().stream()
                    .map(ColumnSchema::name)
                    .toList();
        }
        var result = new ArrayList<String>();
        for (InsertIdentifierContext each : fields.insertIdentifier()) {
            if (each.columnRef() == null) {
                throw PlanRejection.notUnderstood("the column list");
            }
            result.add(Names.column(each.columnRef()).name());
        }
        return result;
    }

    private PlanRejection keyMissing() {
        return new PlanRejection(
                ErrorCode.KEY_NOT_EXACT,
                "name column "
                        + target.key().column()
                        + " once in the column list and give it in every row");
    }

    private void readSelect(@Nullable FieldsContext fields, SelectContext select) {
        if (!target.isSharded()) {
            return;
        }
        QuerySpecificationContext query =
                simple(select)
                        .orElseThrow(() -> selectKey("a single SELECT without UNION or TABLE"));
        boolean star = query.projections().unqualifiedShorthand() != null;
        List<ProjectionContext> list = query.projections().projection();
        if (star || list.stream().anyMatch(each -> each.qualifiedShorthand() != null)) {
            throw selectKey("a select list without *");
        }
        ProjectionContext value = list.get(keyPosition(fields, list.size()));
        Optional<ValueRef> ref = Conditions.valueRef(reader.sql(), Names.leaves(value.expr()));
        if (ref.isPresent()) {
            stored.add(ref.get());
        } else if (!isPinnedKey(value, query)) {
            throw selectKey("a literal, a parameter or the key column of a sharded table there");
        }
    }

    private static Optional<QuerySpecificationContext> simple(SelectContext select) {
        if (select.queryExpression() == null
                || select.queryExpression().queryExpressionBody() == null) {
            return Optional.empty();
        }
        var body = select.queryExpression().queryExpressionBody();
        return body.queryPrimary() == null
                ? Optional.empty()
                : Optional.ofNullable(body.queryPrimary().querySpecification());
    }

    /** All sharded tables of the SELECT must be pinned in the end; then so is this column. */
    private boolean isPinnedKey(ProjectionContext value, QuerySpecificationContext query) {
        var leaves = Names.leaves(value.expr());
        Optional<ColumnRefContext> column =
                Names.beginningWith(leaves.getFirst(), ColumnRefContext.class)
                        .filter(each -> Names.leaves(each).size() == leaves.size());
        QueryBlock block = reader.blockOf(query).orElseThrow();
        return column.map(Names::column)
                .flatMap(name ->
                        block.resolve(name, block.uses()).filter(use -> use.isKey(name.name())))
                .filter(use -> block.uses().contains(use) && !block.isNullSupplied(use))
                .isPresent();
    }

    private PlanRejection selectKey(String wanted) {
        return new PlanRejection(
                ErrorCode.KEY_NOT_EXACT,
                "INSERT ... SELECT must give column "
                        + target.key().column()
                        + " exactly: it needs "
                        + wanted);
    }

    private void readOnDuplicate(OnDuplicateKeyClauseContext clause) {
        for (AssignmentContext each : clause.assignment()) {
            String column = Names.column(each.columnRef()).name();
            if (target.isSharded() && target.isKey(column)) {
                throw new PlanRejection(ErrorCode.SHARD_KEY_CHANGED, "column " + column);
            }
        }
        reader.walk(clause, QueryBlock.unknown());
    }
}
