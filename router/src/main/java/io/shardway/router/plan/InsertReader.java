package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.schema.ColumnSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValueContext;
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
    private int rowsThatDraw;
    private int rows;
    private Optional<KeyWriting> writing = Optional.empty();
    private Optional<KeyWriting.Piece> named = Optional.empty();
    private boolean readsOwnKey;
    private SpreadKind kind = SpreadKind.INSERT;
    private Optional<SpreadRows> spreadRows = Optional.empty();
    private Optional<InsertedIds> ids = Optional.empty();
    private Optional<SpreadTarget.Rows> oneRow = Optional.empty();
    private Optional<SelectedRows> select = Optional.empty();
    private Optional<PlanRejection> unkeyed = Optional.empty();

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
            result.readValues(ValuesClause.of(insert.insertValuesClause()));
            reader.walk(insert.insertValuesClause(), QueryBlock.unknown());
        } else if (insert.insertSelectClause() != null) {
            var select = insert.insertSelectClause();
            reader.walk(select, QueryBlock.unknown());
            result.select =
                    Optional.of(
                            new SelectedRows(
                                    insert.tableName(),
                                    Optional.ofNullable(select.fields()),
                                    Optional.ofNullable(insert.onDuplicateKeyClause()),
                                    ignores(insert.insertSpecification())));
            result.tryReadSelect(select.fields(), select.select());
        } else {
            result.readSet(insert.setAssignmentsClause());
        }
        boolean ignores = ignores(insert.insertSpecification());
        result.kind = ignores ? SpreadKind.INSERT_IGNORE : SpreadKind.INSERT;
        if (insert.onDuplicateKeyClause() != null) {
            result.kind = SpreadKind.INSERT_OR_UPDATE;
            if (ignores) {
                result.spreadRows = Optional.empty(); // What its parts report does not add up.
            }
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
        result.kind = SpreadKind.REPLACE;
        refuseReturning(replace.returningClause());
        if (replace.replaceValuesClause() != null) {
            result.readValues(ValuesClause.of(replace.replaceValuesClause()));
            reader.walk(replace.replaceValuesClause(), QueryBlock.unknown());
        } else if (replace.replaceSelectClause() != null) {
            var select = replace.replaceSelectClause();
            reader.walk(select, QueryBlock.unknown());
            result.select =
                    Optional.of(
                            new SelectedRows(
                                    replace.tableName(),
                                    Optional.ofNullable(select.fields()),
                                    Optional.empty(),
                                    false));
            result.tryReadSelect(select.fields(), select.select());
        } else {
            result.readSet(replace.setAssignmentsClause());
        }
        return result;
    }

    /**
     * Where the rows of an INSERT ... SELECT go.
     *
     * @param fields the columns that are named
     * @param onDuplicate what becomes of rows that are there
     */
    record SelectedRows(
            TableNameContext table,
            Optional<FieldsContext> fields,
            Optional<OnDuplicateKeyClauseContext> onDuplicate,
            boolean ignores) {}

    /** Empty where rows are written out. */
    Optional<SelectedRows> select() {
        return select;
    }

    /** Throws why the rows of its SELECT surely need not have one key. */
    void requireKeyed() {
        if (unkeyed.isPresent()) {
            throw unkeyed.get();
        }
    }

    ParsedSql sql() {
        return reader.sql();
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

    SpreadKind kind() {
        return kind;
    }

    /**
     * Several rows that are written out, each with its key, or one that gives an id that the proxy
     * could draw; empty for other statements.
     */
    Optional<SpreadTarget.Rows> spreadRows() {
        KeyType type = target.key().type();
        if (rows < 2 || (drawsKeys() && readsOwnKey)) {
            return oneRow;
        }
        if (ids.isPresent()) {
            return spreadRows.flatMap(each -> each.target(type, ids.get()));
        }
        Optional<DrawnColumn> drawn =
                drawsKeys() ? Optional.of(target.drawnColumn()) : Optional.empty();
        return spreadRows.flatMap(each -> each.target(type, drawn, named));
    }

    private static boolean ignores(@Nullable InsertSpecificationContext specification) {
        return specification != null
                && specification.getText().toUpperCase(Locale.ROOT).contains("IGNORE");
    }

    /** Without IGNORE and its like. */
    private static boolean isPlain(@Nullable InsertSpecificationContext specification) {
        return specification == null || specification.getChildCount() == 0;
    }

    /** The table has an AUTO_INCREMENT column, and the statement names others, but not that one. */
    private boolean leavesIdToMySql(InsertContext insert) {
        Optional<ColumnSchema> drawn = target.autoIncrement();
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

    private void readValues(ValuesClause clause) {
        if (!target.isSharded()) {
            return;
        }
        boolean leavesOut = drawsKeys() && leavesOutKey(clause);
        boolean several = clause.rows().size() > 1;
        if (several) {
            spreadRows = Optional.of(new SpreadRows(reader.sql()));
        }
        if (!drawsKeys()) {
            ids = InsertedIds.of(reader.sql(), target, clause, columns(clause.fields()));
        }
        if (leavesOut) {
            if (several) {
                named = Optional.of(InsertedRow.named(reader.sql(), keyName(), clause));
            } else {
                writing = Optional.of(InsertedRow.added(reader.sql(), keyName(), clause));
            }
        }
        for (AssignmentValuesContext row : clause.rows()) {
            rows++;
            if (leavesOut) {
                requireWidth(row, clause);
                rowsThatDraw++;
                spreadRows.ifPresent(each ->
                        each.add(row, Optional.empty(), Optional.empty(), Optional.empty()));
                continue;
            }
            int position = keyPosition(clause.fields(), row.assignmentValue().size());
            readsOwnKey |= InsertedRow.reads(row, keyName());
            AssignmentValueContext value = row.assignmentValue(position);
            add(row, value, store(value, several));
        }
    }

    private void add(
            AssignmentValuesContext row, AssignmentValueContext value, Optional<ValueRef> key) {
        if (drawsKeys()) {
            spreadRows.ifPresent(each -> each.add(row, Optional.of(value), key, Optional.empty()));
        } else if (ids.isEmpty()) {
            spreadRows.ifPresent(each -> each.add(row, key.orElseThrow()));
        } else if (spreadRows.isPresent()) {
            ids.get().add(spreadRows.get(), row, key.orElseThrow());
        } else {
            oneRow = ids.get().valueOf(row).flatMap(id -> oneRow(key, id));
        }
    }

    private Optional<SpreadTarget.Rows> oneRow(Optional<ValueRef> key, ParserRuleContext id) {
        return InsertedIds.oneRow(reader.sql(), target, key.orElseThrow(), id);
    }

    /** Keys that a statement does not give are drawn by the proxy. */
    private boolean drawsKeys() {
        return target.isSharded() && target.keyIsAutoIncrement();
    }

    private String keyName() {
        return target.key().column();
    }

    private boolean leavesOutKey(ValuesClause clause) {
        if (clause.fields() == null) {
            return clause.listEnd().isPresent()
                    || clause.rows().stream().allMatch(row -> row.assignmentValue().isEmpty());
        }
        return columns(clause.fields()).stream().noneMatch(target::isKey);
    }

    private void requireWidth(AssignmentValuesContext row, ValuesClause clause) {
        int width = clause.fields() == null ? 0 : columns(clause.fields()).size();
        if (row.assignmentValue().size() != width) {
            throw keyMissing();
        }
    }

    private void readSet(SetAssignmentsClauseContext set) {
        reader.walk(set, QueryBlock.unknown());
        if (!target.isSharded()) {
            return;
        }
        rows++;
        List<AssignmentContext> keys =
                set.assignment().stream()
                        .filter(each -> target.isKey(Names.column(each.columnRef()).name()))
                        .toList();
        if (keys.isEmpty() && drawsKeys()) {
            rowsThatDraw++;
            AssignmentContext last = set.assignment().getLast();
            writing = Optional.of(InsertedRow.assigned(reader.sql(), keyName(), last));
            return;
        }
        if (keys.size() != 1) {
            throw keyMissing();
        }
        readsOwnKey |=
                set.assignment().stream()
                        .anyMatch(each -> InsertedRow.reads(each.assignmentValue(), keyName()));
        Optional<ValueRef> key = store(keys.getFirst().assignmentValue(), false);
        String id = target.drawnId().map(DrawnColumn::column).orElse("");
        set.assignment().stream()
                .filter(each -> Names.column(each.columnRef()).name().equalsIgnoreCase(id))
                .forEach(each -> oneRow = oneRow(key, each.assignmentValue()));
    }

    /** The key that a row gives; empty if it asks for one. */
    private Optional<ValueRef> store(ParserRuleContext value, boolean several) {
        boolean draws = drawsKeys();
        if (draws && InsertedRow.asksForKey(value)) {
            rowsThatDraw++;
            if (!several) {
                writing = Optional.of(InsertedRow.inPlaceOf(reader.sql(), value));
            }
            return Optional.empty();
        }
        ValueRef ref =
                Conditions.valueRef(reader.sql(), Names.leaves(value))
                        .orElseThrow(() ->
                                new PlanRejection(
                                        ErrorCode.KEY_NOT_EXACT,
                                        "column "
                                                + keyName()
                                                + " must be given as a literal or a"
                                                + " parameter"));
        boolean mayDraw = draws && ref instanceof ValueRef.Literal(_, boolean negated) && !negated;
        if (mayDraw && !several) {
            writing = Optional.of(InsertedRow.inPlaceOf(reader.sql(), value));
        }
        stored.add(ref);
        return Optional.of(ref);
    }

    /**
     * Where the key comes from; the table's key is AUTO_INCREMENT.
     *
     * @param pin empty if no value pins the statement
     * @param readsSharded whether it reads sharded tables too
     */
    KeySource keySource(Optional<Pin> pin, boolean readsSharded) {
        if (rowsThatDraw == 0) {
            boolean mayDraw = rows == 1 && !readsSharded && !readsOwnKey;
            return new KeySource.Given(
                    pin.orElseThrow(), mayDraw, mayDraw ? writing : Optional.empty());
        }
        if (rows > 1) {
            throw new PlanRejection(ErrorCode.SEVERAL_DRAWN_KEYS, "column " + keyName());
        }
        if (readsSharded) {
            throw new PlanRejection(
                    ErrorCode.CROSS_SHARD_WRITE,
                    "it reads sharded tables, and column " + keyName() + " is drawn");
        }
        if (readsOwnKey) {
            throw PlanRejection.notUnderstood(
                    "a value that reads column " + keyName() + " before it is drawn");
        }
        return new KeySource.LeftOut(writing.orElseThrow());
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
            reader.tables().requireFixedColumns(target);
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

    private void tryReadSelect(@Nullable FieldsContext fields, SelectContext select) {
        try {
            readSelect(fields, select);
        } catch (PlanRejection rejection) {
            unkeyed = Optional.of(rejection);
        }
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
        if (drawsKeys() && columns(fields).stream().noneMatch(target::isKey)) {
            throw new PlanRejection(ErrorCode.SEVERAL_DRAWN_KEYS, "column " + keyName());
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
            if (target.isKey(column) && !InsertedRow.keepsKey(each, target)) {
                throw new PlanRejection(ErrorCode.SHARD_KEY_CHANGED, "column " + column);
            }
        }
        reader.walk(clause, QueryBlock.unknown());
    }
}
