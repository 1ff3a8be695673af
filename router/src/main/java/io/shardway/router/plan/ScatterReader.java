package io.shardway.router.plan;

import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.LimitClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByItemContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;

/**
 * Finds reads that need no node to finish them: of one sharded table, by expressions over single
 * rows, ordered or grouped by columns whose order is that of their values, not of a collation. In
 * doubt there is none. Confined to one call of the planner.
 */
final class ScatterReader {

    /**
     * Types whose values are compared here. Not TIMESTAMP: in the hour that a session's time zone
     * has twice, what is later can look earlier. Not floating numbers: text may round them.
     */
    private static final Set<String> EXACT =
            Set.of(
                    "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "year",
                    "date",
                    "datetime",
                    "time",
                    "binary",
                    "varbinary");

    /** What a date with zeros in it is grouped as hangs on the SQL mode and on MySQL's plan. */
    private static final Set<String> NOT_GROUPED = Set.of("date", "datetime");

    private static final Set<String> SUMMED =
            Set.of("tinyint", "smallint", "mediumint", "int", "bigint", "decimal");

    /** A sum has 22 digits more than what it adds, and 65 at most; beyond, MySQL cuts. */
    private static final int SUMMED_DIGITS_MAX = 43;

    private static final Pattern DIGITS = Pattern.compile("decimal\\((\\d+)");

    private final QueryReader reader;
    private final SelectList list;
    private final QuerySpecificationContext query;
    private final QueryExpressionContext expression;
    private final TableUse use;

    private ScatterReader(
            QueryReader reader,
            QueryExpressionContext expression,
            QuerySpecificationContext query,
            SelectList list) {
        this.reader = reader;
        this.expression = expression;
        this.query = query;
        this.list = list;
        this.use = list.use();
    }

    static Optional<Scatter> read(QueryReader reader, SingleSelect select) {
        Optional<SelectList> list = SelectList.of(reader, select);
        if (list.isEmpty()
                || !RowWords.areAll(reader.sql().text().tokens(), known(reader, list.get()))
                || RowWords.comparesNumberWithText(reader.sql().text(), select.use())) {
            return Optional.empty();
        }
        return new ScatterReader(reader, select.expression(), select.query(), list.get()).read();
    }

    /** Tokens that are no words about a single row and yet known here. */
    private static Set<Integer> known(QueryReader reader, SelectList list) {
        Set<Integer> tokens = RowLocks.tokens(reader);
        tokens.addAll(list.heads());
        return tokens;
    }

    private Optional<Scatter> read() {
        Optional<Optional<Scatter.Limit>> limit = limit(reader.sql(), expression.limitClause());
        if (limit.isEmpty() || query.havingClause() != null || query.windowClause() != null) {
            return Optional.empty();
        }
        boolean combined = query.groupByClause() != null || list.hasAggregates();
        Optional<Scatter> found = combined ? grouped(limit.get()) : rows(limit.get());
        return found.filter(scatter -> !scatter.isRewritten() || mayCutText());
    }

    /** What is put in could stand within a comment with code in it. */
    private boolean mayCutText() {
        return !reader.sql().text().hasExecutable();
    }

    private Optional<Scatter> rows(Optional<Scatter.Limit> limit) {
        return order(expression.orderByClause())
                .map(order -> scatter(order, List.of(), Optional.empty(), limit));
    }

    private Scatter scatter(
            List<Scatter.Key> order,
            List<Scatter.Part> parts,
            Optional<Scatter.Added> added,
            Optional<Scatter.Limit> limit) {
        TableSchema schema = use.schema().orElseThrow();
        Optional<Scatter.Narrow> narrow =
                parts.isEmpty()
                                && !order.isEmpty()
                                && limit.flatMap(Scatter.Limit::offset).isPresent()
                        ? narrow(order)
                        : Optional.empty();
        return new Scatter(use.keyspace(), schema.name(), order, parts, added, limit, narrow);
    }

    /** Empty if the statement shows nothing else. */
    private Optional<Scatter.Narrow> narrow(List<Scatter.Key> order) {
        Set<String> names =
                order.stream().map(Scatter.Key::column).collect(Collectors.toUnmodifiableSet());
        boolean all = !list.hasStar();
        for (int item = 0; all && item < list.size(); item++) {
            all = list.columnOf(item).filter(column -> names.contains(column.name())).isPresent();
        }
        if (all) {
            return Optional.empty();
        }
        String columns =
                order.stream()
                        .map(key -> column(key.column()) + (key.descending() ? " DESC" : ""))
                        .collect(Collectors.joining(", ", "ORDER BY ", ""));
        return Optional.of(
                new Scatter.Narrow(
                        firstOf(query.projections()),
                        firstOf(query.fromClause()),
                        firstOf(expression.orderByClause()),
                        order.stream().map(key -> column(key.column())).toList(),
                        columns));
    }

    private int firstOf(ParserRuleContext part) {
        return reader.sql().tokenOf(Names.leaves(part).getFirst());
    }

    private String column(String name) {
        return QuotedName.of(use.alias()) + "." + QuotedName.of(name);
    }

    /** Empty if it cannot be followed here. */
    private Optional<List<Scatter.Key>> order(OrderByClauseContext clause) {
        if (clause == null) {
            return Optional.of(List.of());
        }
        var keys = new ArrayList<Scatter.Key>();
        for (OrderByItemContext item : clause.orderByItem()) {
            Optional<SelectList.Ordering> ordering = list.ordering(item);
            if (ordering.isEmpty()
                    || !isExact(ordering.get().column())
                    || !list.shows(ordering.get().column())) {
                return Optional.empty();
            }
            SelectList.Column column = ordering.get().column();
            keys.add(
                    new Scatter.Key(
                            list.itemOf(column), column.name(), ordering.get().descending()));
        }
        return Optional.of(keys);
    }

    private static boolean isGrouped(SelectList.Column column) {
        return isExact(column) && !NOT_GROUPED.contains(column.dataType().toLowerCase(Locale.ROOT));
    }

    private static boolean isExact(SelectList.Column column) {
        return EXACT.contains(column.dataType().toLowerCase(Locale.ROOT));
    }

    private Optional<Scatter> grouped(Optional<Scatter.Limit> limit) {
        Optional<List<Integer>> groups = groups();
        Optional<List<Scatter.Part>> parts = groups.flatMap(this::parts);
        if (parts.isEmpty() || (groups.get().isEmpty() && expression.orderByClause() != null)) {
            return Optional.empty();
        }
        Optional<List<Scatter.Key>> order = order(expression.orderByClause());
        if (order.isEmpty()
                || order.get().stream().anyMatch(key -> !groups.get().contains(key.item()))) {
            return Optional.empty();
        }
        var keys = new ArrayList<>(order.get());
        var missing = new ArrayList<SelectList.Column>();
        for (int group : groups.get()) {
            if (keys.stream().noneMatch(key -> key.item() == group)) {
                SelectList.Column column = list.columnOf(group).orElseThrow();
                missing.add(column);
                keys.add(new Scatter.Key(group, column.name(), false));
            }
        }
        return Optional.of(scatter(keys, parts.get(), added(missing), limit));
    }

    /** So that each shard's groups come in one order. */
    private Optional<Scatter.Added> added(List<SelectList.Column> missing) {
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        String columns =
                missing.stream()
                        .map(column -> column(column.name()))
                        .collect(Collectors.joining(", "));
        boolean ordered = expression.orderByClause() != null;
        List<TerminalNode> before =
                Names.leaves(ordered ? expression.orderByClause() : query.groupByClause());
        return Optional.of(
                new Scatter.Added(
                        reader.sql().tokenOf(before.getLast()),
                        (ordered ? ", " : " ORDER BY ") + columns));
    }

    /** The items that the statement groups by, which must be columns it shows. */
    private Optional<List<Integer>> groups() {
        var groups = new ArrayList<Integer>();
        if (query.groupByClause() == null) {
            return Optional.of(groups);
        }
        if (query.groupByClause().WITH() != null || list.hasStar()) {
            return Optional.empty();
        }
        for (OrderByItemContext item : query.groupByClause().orderByItem()) {
            Optional<SelectList.Column> column =
                    list.grouped(item).filter(ScatterReader::isGrouped);
            if (column.isEmpty() || !list.shows(column.get())) {
                return Optional.empty();
            }
            groups.add(list.itemOf(column.get()));
        }
        return Optional.of(groups);
    }

    private Optional<List<Scatter.Part>> parts(List<Integer> groups) {
        if (list.hasStar()) {
            return Optional.empty();
        }
        var parts = new ArrayList<Scatter.Part>();
        for (int item = 0; item < list.size(); item++) {
            Optional<Scatter.Part> part = part(item, groups);
            if (part.isEmpty()) {
                return Optional.empty();
            }
            parts.add(part.get());
        }
        return Optional.of(parts);
    }

    private Optional<Scatter.Part> part(int item, List<Integer> groups) {
        Optional<SelectList.Column> column = list.columnOf(item);
        if (column.isPresent()) {
            return groups.contains(item) || groups.contains(list.itemOf(column.get()))
                    ? Optional.of(Scatter.Part.GROUP)
                    : Optional.empty();
        }
        return list.aggregateOf(item)
                .filter(aggregate ->
                        switch (aggregate.part()) {
                            case COUNT -> true;
                            case SUM ->
                                    aggregate.column().filter(ScatterReader::isSummed).isPresent();
                            case MIN, MAX ->
                                    aggregate.column().filter(ScatterReader::isExact).isPresent();
                            case GROUP -> false;
                        })
                .map(SelectList.Aggregate::part);
    }

    private static boolean isSummed(SelectList.Column column) {
        if (!SUMMED.contains(column.dataType().toLowerCase(Locale.ROOT))) {
            return false;
        }
        Matcher digits = DIGITS.matcher(column.schema().columnType().toLowerCase(Locale.ROOT));
        return !digits.find() || Integer.parseInt(digits.group(1)) <= SUMMED_DIGITS_MAX;
    }

    /** The outer one is empty if LIMIT is not understood, the inner one if there is none. */
    static Optional<Optional<Scatter.Limit>> limit(ParsedSql sql, LimitClauseContext clause) {
        if (clause == null) {
            return Optional.of(Optional.empty());
        }
        List<TerminalNode> leaves = Names.leaves(clause);
        Optional<Scatter.Bound> count = bound(sql, Names.leaves(clause.limitRowCount()));
        Optional<Scatter.Bound> offset =
                clause.limitOffset() == null
                        ? Optional.empty()
                        : bound(sql, Names.leaves(clause.limitOffset()));
        if (count.isEmpty() || (clause.limitOffset() != null && offset.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(
                Optional.of(
                        new Scatter.Limit(
                                sql.tokenOf(leaves.getFirst()),
                                sql.tokenOf(leaves.getLast()),
                                count.get(),
                                offset)));
    }

    private static Optional<Scatter.Bound> bound(ParsedSql sql, List<TerminalNode> value) {
        return Conditions.valueRef(sql, value)
                .flatMap(ref ->
                        switch (ref) {
                            case ValueRef.Literal(int _, boolean negated) ->
                                    negated
                                            ? Optional.empty()
                                            : Optional.of(
                                                    new Scatter.Bound.Written(
                                                            sql.tokenOf(value.getLast())));
                            case ValueRef.Parameter(int index) ->
                                    Optional.of(new Scatter.Bound.Parameter(index));
                        });
    }
}
