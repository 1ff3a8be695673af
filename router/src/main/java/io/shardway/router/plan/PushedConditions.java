package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExprContext;

/**
 * Finds the conditions of WHERE clauses that keep rows of one table out, whatever else the
 * statement does: they may be asked where the rows are, before they are brought. MySQL asks them
 * again.
 *
 * <p>A condition counts if its tokens are, one by one, a column, a comparison and values of the
 * column's own kind, so that no row is converted and none can warn; whether they are is known of
 * parameters, and of points in time, only when it is carried out. TIMESTAMP does not count: what a
 * value means to it hangs on the session's time zone. Nor do generated columns, whose values may
 * hang on it, or on other settings. Confined to one call of the planner.
 */
final class PushedConditions {

    private static final Set<Integer> COMPARISONS =
            Set.of(
                    MySQLStatementLexer.EQ_,
                    MySQLStatementLexer.NEQ_,
                    MySQLStatementLexer.LT_,
                    MySQLStatementLexer.LTE_,
                    MySQLStatementLexer.GT_,
                    MySQLStatementLexer.GTE_);

    /** What may stand between conditions that must all hold. */
    private static final Set<Integer> JOINING =
            Set.of(
                    MySQLStatementLexer.AND,
                    MySQLStatementLexer.AND_,
                    MySQLStatementLexer.LP_,
                    MySQLStatementLexer.RP_);

    private static final Set<String> NUMBERS =
            Set.of(
                    "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "float",
                    "double");
    private static final Set<String> TEXTS =
            Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext");

    /** Not TIMESTAMP, nor TIME, which texts are written for in many ways. */
    private static final Set<String> MOMENTS = Set.of("date", "datetime");

    private record Where(ExprContext condition, QueryBlock block) {}

    /** The table that an operand is about, and what its values must be. */
    private record Found(TableUse use, List<AssembledTable.Need> needs) {}

    private final ParsedSql sql;
    private final List<Where> wheres = new ArrayList<>();

    PushedConditions(ParsedSql sql) {
        this.sql = sql;
    }

    void note(ExprContext condition, QueryBlock block) {
        wheres.add(new Where(condition, block));
    }

    /** By use of a table; to be asked when the whole statement was read. */
    Map<TableUse, List<AssembledTable.Condition>> found() {
        var found = new IdentityHashMap<TableUse, List<AssembledTable.Condition>>();
        for (Where where : wheres) {
            for (List<TerminalNode> operand : Conditions.conjuncts(where.condition())) {
                found(operand, where.block())
                        .ifPresent(each ->
                                found.computeIfAbsent(each.use(), _ -> new ArrayList<>())
                                        .add(condition(operand, each.needs())));
            }
        }
        return found;
    }

    /** Tables of which only rows of the keys in a list, {@code key IN (...)}, can matter. */
    Map<TableUse, List<ValueRef>> keys() {
        var found = new IdentityHashMap<TableUse, List<ValueRef>>();
        for (Where where : wheres) {
            for (List<TerminalNode> operand : Conditions.conjuncts(where.condition())) {
                listedKeys(operand, where.block())
                        .ifPresent(keys -> found.putIfAbsent(keys.use(), keys.values()));
            }
        }
        return found;
    }

    private record Keys(TableUse use, List<ValueRef> values) {}

    private Optional<Keys> listedKeys(List<TerminalNode> operand, QueryBlock block) {
        Optional<ColumnRefContext> column =
                Names.beginningWith(operand.getFirst(), ColumnRefContext.class);
        int next = column.map(each -> Names.leaves(each).size()).orElse(operand.size());
        if (next + 1 >= operand.size()
                || type(operand.get(next)) != MySQLStatementLexer.IN
                || !Conditions.isOneList(operand.subList(next + 1, operand.size()))) {
            return Optional.empty();
        }
        var values = new ArrayList<ValueRef>();
        for (List<TerminalNode> each :
                Conditions.listed(operand.subList(next + 2, operand.size() - 1))) {
            Optional<ValueRef> value = Conditions.valueRef(sql, each);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            values.add(value.get());
        }
        Names.Column name = Names.column(column.orElseThrow());
        return block.resolve(name, block.uses())
                .filter(use -> !block.isNullSupplied(use) && block.uses().contains(use))
                .filter(use -> use.isKey(name.name()))
                .map(use -> new Keys(use, values));
    }

    /** Whether a row that meets what is found meets all WHERE clauses, if it can be asked. */
    boolean areAll() {
        for (Where where : wheres) {
            Set<TerminalNode> asked = Collections.newSetFromMap(new IdentityHashMap<>());
            for (List<TerminalNode> operand : Conditions.conjuncts(where.condition())) {
                if (found(operand, where.block()).isPresent()) {
                    asked.addAll(operand);
                }
            }
            for (TerminalNode leaf : Names.leaves(where.condition())) {
                if (!asked.contains(leaf) && !JOINING.contains(type(leaf))) {
                    return false;
                }
            }
        }
        return true;
    }

    private AssembledTable.Condition condition(
            List<TerminalNode> operand, List<AssembledTable.Need> needs) {
        return new AssembledTable.Condition(
                sql.tokenOf(operand.getFirst()), sql.tokenOf(operand.getLast()), needs);
    }

    private Optional<Found> found(List<TerminalNode> operand, QueryBlock block) {
        Optional<ColumnRefContext> column =
                Names.beginningWith(operand.getFirst(), ColumnRefContext.class);
        if (column.isEmpty()) {
            return Optional.empty();
        }
        Names.Column name = Names.column(column.get());
        List<TerminalNode> rest =
                operand.subList(Names.leaves(column.get()).size(), operand.size());
        return block.resolve(name, block.uses())
                .filter(use -> !block.isNullSupplied(use) && block.uses().contains(use))
                .flatMap(use ->
                        use.column(name.name())
                                .flatMap(each -> needsBehind(rest, each))
                                .map(needs -> new Found(use, needs)));
    }

    /** What the values behind a column must be; empty if it is not compared with values alone. */
    private Optional<List<AssembledTable.Need>> needsBehind(
            List<TerminalNode> rest, ColumnSchema column) {
        if (rest.isEmpty() || column.generated()) {
            return Optional.empty();
        }
        int first = type(rest.getFirst());
        if (first == MySQLStatementLexer.IS) {
            return isNull(rest) ? Optional.of(List.of()) : Optional.empty();
        }
        if (COMPARISONS.contains(first)) {
            return needs(List.of(rest.subList(1, rest.size())), column);
        }
        List<TerminalNode> test =
                first == MySQLStatementLexer.NOT ? rest.subList(1, rest.size()) : rest;
        List<TerminalNode> values = test.isEmpty() ? test : test.subList(1, test.size());
        return switch (test.isEmpty() ? first : type(test.getFirst())) {
            case MySQLStatementLexer.IN ->
                    Conditions.isOneList(values)
                            ? needs(Conditions.listed(values.subList(1, values.size() - 1)), column)
                            : Optional.empty();
            case MySQLStatementLexer.BETWEEN -> between(values, column);
            case MySQLStatementLexer.LIKE ->
                    TEXTS.contains(typeOf(column))
                            ? needs(List.of(values), column)
                            : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isNull(List<TerminalNode> rest) {
        return rest.size() == 2 && type(rest.get(1)) == MySQLStatementLexer.NULL
                || rest.size() == 3
                        && type(rest.get(1)) == MySQLStatementLexer.NOT
                        && type(rest.get(2)) == MySQLStatementLexer.NULL;
    }

    private Optional<List<AssembledTable.Need>> between(
            List<TerminalNode> values, ColumnSchema column) {
        List<Integer> types = values.stream().map(PushedConditions::type).toList();
        int and = types.indexOf(MySQLStatementLexer.AND);
        return and < 0
                ? Optional.empty()
                : needs(
                        List.of(values.subList(0, and), values.subList(and + 1, values.size())),
                        column);
    }

    private Optional<List<AssembledTable.Need>> needs(
            List<List<TerminalNode>> values, ColumnSchema column) {
        var needs = new ArrayList<AssembledTable.Need>();
        for (List<TerminalNode> value : values) {
            Optional<List<AssembledTable.Need>> found =
                    Conditions.valueRef(sql, value)
                            .flatMap(ref -> need(ref, sql.tokenOf(value.getLast()), column));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            needs.addAll(found.get());
        }
        return Optional.of(needs);
    }

    /** What a value must be; empty if it surely is not of the column's kind. */
    private Optional<List<AssembledTable.Need>> need(
            ValueRef value, int token, ColumnSchema column) {
        Optional<AssembledTable.Need> moment =
                Optional.of(AssembledTable.Need.Kind.MOMENT)
                        .filter(_ -> MOMENTS.contains(typeOf(column)))
                        .map(kind -> new AssembledTable.Need(token, kind));
        return switch (value) {
            case ValueRef.Parameter _ ->
                    moment.or(() ->
                                    kindOf(column)
                                            .map(kind -> new AssembledTable.Need(token, kind)))
                            .map(List::of);
            case ValueRef.Literal(int index, boolean negated) ->
                    switch (sql.text().literals().kind(index)) {
                        case INTEGER, DECIMAL, FLOAT -> nothing(NUMBERS.contains(typeOf(column)));
                        case STRING ->
                                negated
                                        ? Optional.empty()
                                        : moment.map(List::of)
                                                .or(() -> nothing(TEXTS.contains(typeOf(column))));
                        case OTHER -> Optional.empty();
                    };
        };
    }

    private static Optional<List<AssembledTable.Need>> nothing(boolean fits) {
        return fits ? Optional.of(List.of()) : Optional.empty();
    }

    private static Optional<AssembledTable.Need.Kind> kindOf(ColumnSchema column) {
        return NUMBERS.contains(typeOf(column))
                ? Optional.of(AssembledTable.Need.Kind.NUMBER)
                : Optional.of(AssembledTable.Need.Kind.TEXT)
                        .filter(_ -> TEXTS.contains(typeOf(column)));
    }

    private static String typeOf(ColumnSchema column) {
        return column.dataType().toLowerCase(Locale.ROOT);
    }

    private static int type(TerminalNode leaf) {
        return leaf.getSymbol().getType();
    }
}
