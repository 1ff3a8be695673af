package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.LiteralKind;
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
 * <p>A condition counts if its tokens are, one by one, a column, a comparison and literals of the
 * column's own kind, so that no row is converted and none can warn. Points in time do not count:
 * what a literal means to a TIMESTAMP hangs on the session's time zone. Nor do generated columns,
 * whose values may hang on it, or on other settings. Confined to one call of the planner.
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

    private record Where(ExprContext condition, QueryBlock block) {}

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
                useOf(operand, where.block())
                        .ifPresent(use ->
                                found.computeIfAbsent(use, _ -> new ArrayList<>())
                                        .add(condition(operand)));
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

    /** Whether a row that meets what is found meets all WHERE clauses. */
    boolean areAll() {
        for (Where where : wheres) {
            Set<TerminalNode> asked = Collections.newSetFromMap(new IdentityHashMap<>());
            for (List<TerminalNode> operand : Conditions.conjuncts(where.condition())) {
                if (useOf(operand, where.block()).isPresent()) {
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

    private AssembledTable.Condition condition(List<TerminalNode> operand) {
        return new AssembledTable.Condition(
                sql.tokenOf(operand.getFirst()), sql.tokenOf(operand.getLast()));
    }

    private Optional<TableUse> useOf(List<TerminalNode> operand, QueryBlock block) {
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
                .filter(use ->
                        use.column(name.name()).filter(each -> isAsked(rest, each)).isPresent());
    }

    private boolean isAsked(List<TerminalNode> rest, ColumnSchema column) {
        if (rest.isEmpty() || column.generated()) {
            return false;
        }
        int first = type(rest.getFirst());
        if (first == MySQLStatementLexer.IS) {
            return rest.size() == 2 && type(rest.get(1)) == MySQLStatementLexer.NULL
                    || rest.size() == 3
                            && type(rest.get(1)) == MySQLStatementLexer.NOT
                            && type(rest.get(2)) == MySQLStatementLexer.NULL;
        }
        if (first == MySQLStatementLexer.IN) {
            return isList(rest, column);
        }
        return COMPARISONS.contains(first) && isLiteral(rest.subList(1, rest.size()), column);
    }

    private boolean isList(List<TerminalNode> rest, ColumnSchema column) {
        if (rest.size() < 4
                || type(rest.get(1)) != MySQLStatementLexer.LP_
                || type(rest.getLast()) != MySQLStatementLexer.RP_) {
            return false;
        }
        int from = 2;
        for (int at = 2; at < rest.size(); at++) {
            boolean ends =
                    type(rest.get(at)) == MySQLStatementLexer.COMMA_ || at == rest.size() - 1;
            if (ends) {
                if (!isLiteral(rest.subList(from, at), column)) {
                    return false;
                }
                from = at + 1;
            }
        }
        return true;
    }

    private boolean isLiteral(List<TerminalNode> value, ColumnSchema column) {
        return Conditions.valueRef(sql, value)
                .filter(ref ->
                        ref instanceof ValueRef.Literal(int index, boolean negated)
                                && fits(sql.text().literals().kind(index), negated, column))
                .isPresent();
    }

    private static boolean fits(LiteralKind kind, boolean negated, ColumnSchema column) {
        String type = column.dataType().toLowerCase(Locale.ROOT);
        return switch (kind) {
            case INTEGER, DECIMAL, FLOAT -> NUMBERS.contains(type);
            case STRING -> !negated && TEXTS.contains(type);
            case OTHER -> false;
        };
    }

    private static int type(TerminalNode leaf) {
        return leaf.getSymbol().getType();
    }
}
