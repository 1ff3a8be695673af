package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValueContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValuesContext;

/**
 * How the rows of an INSERT give the AUTO_INCREMENT column of a table that is sharded by another
 * one. Confined to one call of the planner.
 */
final class InsertedIds {

    private final ParsedSql sql;
    private final String name;
    private final Optional<DrawnColumn> column;
    private final Optional<KeyWriting.Piece> named;
    private final int position;
    private boolean onlyMySql;

    private InsertedIds(
            ParsedSql sql,
            TableUse target,
            String name,
            int position,
            Optional<KeyWriting.Piece> named) {
        this.sql = sql;
        this.name = name;
        this.column = target.drawnId();
        this.position = position;
        this.named = named;
        this.onlyMySql = column.isEmpty() || (position < 0 && named.isEmpty());
    }

    /**
     * @param columns in the order of the values
     * @return empty if the table has no such column
     */
    static Optional<InsertedIds> of(
            ParsedSql sql, TableUse target, ValuesClause clause, List<String> columns) {
        Optional<String> name = target.autoIncrement().map(ColumnSchema::name);
        if (name.isEmpty() || target.keyIsAutoIncrement()) {
            return Optional.empty();
        }
        int position = -1;
        for (int index = 0; index < columns.size(); index++) {
            if (columns.get(index).equalsIgnoreCase(name.get())) {
                position = index;
            }
        }
        Optional<KeyWriting.Piece> named =
                position < 0 && !clause.columnAliases()
                        ? Optional.of(InsertedRow.named(sql, name.get(), clause))
                        : Optional.empty();
        return Optional.of(new InsertedIds(sql, target, name.get(), position, named));
    }

    /** Puts down the next of several rows. */
    void add(SpreadRows rows, AssignmentValuesContext row, ValueRef key) {
        if (position < 0) {
            rows.add(row, Optional.empty(), Optional.of(key), Optional.empty());
            return;
        }
        onlyMySql |= InsertedRow.reads(row, name);
        AssignmentValueContext value = row.assignmentValue(position);
        Optional<ValueRef> given = Conditions.valueRef(sql, Names.leaves(value));
        onlyMySql |= given.isEmpty() && !InsertedRow.asksForKey(value);
        rows.add(row, Optional.of(value), Optional.of(key), given);
    }

    /** Whether a row can have its id drawn in a way that only MySQL knows. */
    boolean onlyMySql() {
        return onlyMySql;
    }

    /** Where the proxy can draw. */
    Optional<DrawnColumn> column() {
        return onlyMySql ? Optional.empty() : column;
    }

    /** What is written into the column list where the rows leave the column out. */
    Optional<KeyWriting.Piece> named() {
        return named;
    }

    /** What the only row gives there. */
    Optional<AssignmentValueContext> valueOf(AssignmentValuesContext row) {
        return position < 0 ? Optional.empty() : Optional.of(row.assignmentValue(position));
    }

    /**
     * One row that gives an id, which the proxy must not draw afterwards; it is sent as it is.
     *
     * @param value of the column
     */
    static Optional<SpreadTarget.Rows> oneRow(
            ParsedSql sql, TableUse target, ValueRef key, ParserRuleContext value) {
        Optional<ValueRef> id = Conditions.valueRef(sql, Names.leaves(value));
        return id.isEmpty()
                ? Optional.empty()
                : target.drawnId()
                        .map(column ->
                                new SpreadTarget.Rows(
                                        target.key().type(),
                                        List.of(
                                                new SpreadTarget.Row(
                                                        0, 0, Optional.of(key), id, 0, 0)),
                                        false,
                                        Optional.of(
                                                new DrawnRows(
                                                        column,
                                                        false,
                                                        Optional.empty(),
                                                        List.of()))));
    }
}
