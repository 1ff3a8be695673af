package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.BooleanPrimaryContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExprContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SimpleExprContext;

/**
 * Finds in a WHERE or ON condition what pins a shard key.
 *
 * <p>The parser's grammar lets NOT reach over OR, and ranks XOR below OR; MySQL does not. So the
 * tree is trusted only for the operands: the operators between them are ranked here again (OR, XOR,
 * AND, NOT, weakest first). An operand counts only if its tokens are, one by one, {@code column =
 * value}, {@code value = column}, {@code column = column} or {@code column IN (value)}, or rows of
 * columns and values so compared. Everything else pins nothing, which can only lead to a refusal.
 */
final class Conditions {

    /** What one condition says. An OR keeps only what all its branches pin. */
    private record Facts(Map<TableUse, Set<ValueRef>> pins, List<Equality> equalities) {
        static final Facts NONE = new Facts(Map.of(), List.of());
    }

    private record Equality(TableUse left, TableUse right) {}

    /**
     * Where a condition stands.
     *
     * @param visible the tables it may name without qualification
     * @param targets the tables whose rows it keeps out
     * @param carries whether an equality may carry a pin from the first table to the second
     */
    record Place(
            QueryBlock block,
            List<TableUse> visible,
            Set<TableUse> targets,
            BiPredicate<TableUse, TableUse> carries) {}

    private enum Operator {
        AND,
        OR,
        XOR,
        NOT
    }

    /** Either an operator or an operand. */
    private sealed interface Item {
        record Op(Operator operator) implements Item {}

        record Operand(BooleanPrimaryContext tree) implements Item {}
    }

    private final ParsedSql sql;
    private final KeyGraph graph;

    Conditions(ParsedSql sql, KeyGraph graph) {
        this.sql = sql;
        this.graph = graph;
    }

    void read(ExprContext condition, Place place) {
        for (TerminalNode leaf : Names.leaves(condition)) {
            if (leaf.getSymbol().getType() == MySQLStatementLexer.ASSIGNMENT_) {
                return; // := binds weaker than all; nothing is certain.
            }
        }
        Facts facts = facts(condition, place);
        facts.pins()
                .forEach((use, values) -> {
                    if (place.targets().contains(use)) {
                        graph.pin(use, values);
                    }
                });
        for (Equality equality : facts.equalities()) {
            carry(equality.left(), equality.right(), place);
            carry(equality.right(), equality.left(), place);
        }
    }

    private void carry(TableUse from, TableUse to, Place place) {
        if (place.targets().contains(to) && place.carries().test(from, to)) {
            graph.carry(from, to);
        }
    }

    /** The leaves of each operand that must hold; none where an OR or XOR lets others do. */
    static List<List<TerminalNode>> conjuncts(ExprContext condition) {
        var result = new ArrayList<List<TerminalNode>>();
        conjuncts(condition, result);
        return result;
    }

    private static void conjuncts(ExprContext condition, List<List<TerminalNode>> into) {
        var items = new ArrayList<Item>();
        flatten(condition, items);
        if (items.contains(new Item.Op(Operator.OR)) || items.contains(new Item.Op(Operator.XOR))) {
            return;
        }
        for (List<Item> part : split(items, Operator.AND)) {
            if (part.size() == 1 && part.getFirst() instanceof Item.Operand(var tree)) {
                Optional<ExprContext> inner = inParentheses(tree);
                if (inner.isPresent()) {
                    conjuncts(inner.get(), into);
                } else {
                    into.add(Names.leaves(tree));
                }
            }
        }
    }

    private Facts facts(ExprContext condition, Place place) {
        var items = new ArrayList<Item>();
        flatten(condition, items);
        return disjunction(items, place);
    }

    private static void flatten(ExprContext condition, List<Item> into) {
        if (condition.booleanPrimary() != null) {
            into.add(new Item.Operand(condition.booleanPrimary()));
        } else if (condition.notOperator() != null) {
            into.add(new Item.Op(Operator.NOT));
            flatten(condition.expr(0), into);
        } else {
            flatten(condition.expr(0), into);
            into.add(new Item.Op(operatorOf(condition)));
            flatten(condition.expr(1), into);
        }
    }

    private static Operator operatorOf(ExprContext condition) {
        if (condition.andOperator() != null) {
            return Operator.AND;
        }
        if (condition.orOperator() != null) {
            return Operator.OR;
        }
        if (condition.XOR() != null) {
            return Operator.XOR;
        }
        throw PlanRejection.notUnderstood("the condition " + condition.getText());
    }

    private Facts disjunction(List<Item> items, Place place) {
        List<List<Item>> branches = split(items, Operator.OR);
        Facts first = conjunction(branches.getFirst(), place);
        if (branches.size() == 1) {
            return first;
        }
        Map<TableUse, Set<ValueRef>> common = copy(first.pins());
        for (List<Item> branch : branches.subList(1, branches.size())) {
            Map<TableUse, Set<ValueRef>> pins = conjunction(branch, place).pins();
            common.keySet().removeIf(use -> !pins.containsKey(use));
            common.forEach((use, values) -> values.addAll(pins.getOrDefault(use, Set.of())));
        }
        return new Facts(common, List.of());
    }

    private Facts conjunction(List<Item> items, Place place) {
        if (items.contains(new Item.Op(Operator.XOR))) {
            return Facts.NONE;
        }
        var pins = new IdentityHashMap<TableUse, Set<ValueRef>>();
        var equalities = new ArrayList<Equality>();
        for (List<Item> part : split(items, Operator.AND)) {
            if (part.size() == 1 && part.getFirst() instanceof Item.Operand(var tree)) {
                Facts facts = operand(tree, place);
                facts.pins()
                        .forEach((use, values) ->
                                pins.computeIfAbsent(use, _ -> new LinkedHashSet<>())
                                        .addAll(values));
                equalities.addAll(facts.equalities());
            }
        }
        return new Facts(pins, equalities);
    }

    private static List<List<Item>> split(List<Item> items, Operator at) {
        var result = new ArrayList<List<Item>>();
        int start = 0;
        for (int index = 0; index < items.size(); index++) {
            if (items.get(index).equals(new Item.Op(at))) {
                result.add(items.subList(start, index));
                start = index + 1;
            }
        }
        result.add(items.subList(start, items.size()));
        return result;
    }

    private static Map<TableUse, Set<ValueRef>> copy(Map<TableUse, Set<ValueRef>> pins) {
        var result = new IdentityHashMap<TableUse, Set<ValueRef>>();
        pins.forEach((use, values) -> result.put(use, new LinkedHashSet<>(values)));
        return result;
    }

    private Facts operand(BooleanPrimaryContext tree, Place place) {
        Optional<ExprContext> inner = inParentheses(tree);
        return inner.isPresent()
                ? facts(inner.get(), place)
                : comparison(Names.leaves(tree), place);
    }

    private static Optional<ExprContext> inParentheses(ParseTree tree) {
        ParseTree node = tree;
        while (node.getChildCount() == 1) {
            node = node.getChild(0);
        }
        return node instanceof SimpleExprContext simple
                        && simple.getChildCount() == 3
                        && simple.LP_() != null
                        && simple.expr().size() == 1
                ? Optional.of(simple.expr(0))
                : Optional.empty();
    }

    private Facts comparison(List<TerminalNode> leaves, Place place) {
        if (leaves.getFirst().getSymbol().getType() == MySQLStatementLexer.LP_) {
            return rowComparison(leaves, place);
        }
        Optional<List<TerminalNode>> left = columnFrom(leaves, 0);
        if (left.isPresent()) {
            int next = left.get().size();
            return columnFirst(leaves, next, place);
        }
        int equals = leaves.size() > 1 && isEquals(leaves.get(1)) ? 1 : 2;
        if (equals >= leaves.size() || !isEquals(leaves.get(equals))) {
            return Facts.NONE;
        }
        Optional<List<TerminalNode>> right = columnFrom(leaves, equals + 1);
        if (right.isEmpty() || equals + 1 + right.get().size() != leaves.size()) {
            return Facts.NONE;
        }
        return pinned(leaves.get(equals + 1), leaves.subList(0, equals), place);
    }

    /**
     * {@code (a, b) = (x, y)} and {@code (a, b) IN ((x, y))}: MySQL makes {@code a = x AND b = y}
     * of either.
     */
    private Facts rowComparison(List<TerminalNode> leaves, Place place) {
        int end = closing(leaves);
        if (end + 2 >= leaves.size()) {
            return Facts.NONE;
        }
        TerminalNode operator = leaves.get(end + 1);
        List<TerminalNode> right = leaves.subList(end + 2, leaves.size());
        if (operator.getSymbol().getType() == MySQLStatementLexer.IN && isOneList(right)) {
            right = right.subList(1, right.size() - 1);
        } else if (!isEquals(operator)) {
            return Facts.NONE;
        }
        List<List<TerminalNode>> columns = listed(leaves.subList(1, end));
        if (right.isEmpty() || !isOneList(right)) {
            return Facts.NONE;
        }
        List<List<TerminalNode>> values = listed(right.subList(1, right.size() - 1));
        var pins = new IdentityHashMap<TableUse, Set<ValueRef>>();
        for (int index = 0; index < columns.size() && columns.size() == values.size(); index++) {
            List<TerminalNode> column = columns.get(index);
            boolean whole =
                    columnFrom(column, 0).filter(name -> name.size() == column.size()).isPresent();
            if (whole) {
                pinned(column.getFirst(), values.get(index), place)
                        .pins()
                        .forEach((use, refs) ->
                                pins.computeIfAbsent(use, _ -> new LinkedHashSet<>()).addAll(refs));
            }
        }
        return new Facts(pins, List.of());
    }

    /** Whether the parenthesis that is first is closed by what is last. */
    static boolean isOneList(List<TerminalNode> leaves) {
        return leaves.getFirst().getSymbol().getType() == MySQLStatementLexer.LP_
                && closing(leaves) == leaves.size() - 1;
    }

    /** Where the parenthesis that is first is closed. */
    private static int closing(List<TerminalNode> leaves) {
        int depth = 0;
        for (int index = 0; index < leaves.size(); index++) {
            depth += depthOf(leaves.get(index));
            if (depth == 0) {
                return index;
            }
        }
        return leaves.size();
    }

    /** What stands between the commas outside of parentheses. */
    static List<List<TerminalNode>> listed(List<TerminalNode> leaves) {
        var parts = new ArrayList<List<TerminalNode>>();
        int depth = 0;
        int start = 0;
        for (int index = 0; index < leaves.size(); index++) {
            depth += depthOf(leaves.get(index));
            if (depth == 0
                    && leaves.get(index).getSymbol().getType() == MySQLStatementLexer.COMMA_) {
                parts.add(leaves.subList(start, index));
                start = index + 1;
            }
        }
        parts.add(leaves.subList(start, leaves.size()));
        return parts;
    }

    private static int depthOf(TerminalNode leaf) {
        return switch (leaf.getSymbol().getType()) {
            case MySQLStatementLexer.LP_ -> 1;
            case MySQLStatementLexer.RP_ -> -1;
            default -> 0;
        };
    }

    private Facts columnFirst(List<TerminalNode> leaves, int next, Place place) {
        if (next >= leaves.size()) {
            return Facts.NONE;
        }
        List<TerminalNode> rest = leaves.subList(next + 1, leaves.size());
        if (leaves.get(next).getSymbol().getType() == MySQLStatementLexer.IN) {
            boolean one = rest.size() >= 3 && rest.size() <= 4 && isParenthesised(rest);
            return one
                    ? pinned(leaves.getFirst(), rest.subList(1, rest.size() - 1), place)
                    : Facts.NONE;
        }
        if (!isEquals(leaves.get(next)) || rest.isEmpty()) {
            return Facts.NONE;
        }
        Optional<List<TerminalNode>> other = columnFrom(rest, 0);
        if (other.isPresent()) {
            return other.get().size() == rest.size()
                    ? equality(leaves.getFirst(), rest.getFirst(), place)
                    : Facts.NONE;
        }
        return pinned(leaves.getFirst(), rest, place);
    }

    private Facts pinned(TerminalNode column, List<TerminalNode> value, Place place) {
        Optional<ValueRef> ref = valueRef(sql, value);
        Optional<TableUse> use = keyOf(column, place);
        return ref.isPresent() && use.isPresent()
                ? new Facts(Collections.singletonMap(use.get(), Set.of(ref.get())), List.of())
                : Facts.NONE;
    }

    private Facts equality(TerminalNode left, TerminalNode right, Place place) {
        Optional<TableUse> one = keyOf(left, place);
        Optional<TableUse> two = keyOf(right, place);
        return one.isPresent() && two.isPresent()
                ? new Facts(Map.of(), List.of(new Equality(one.get(), two.get())))
                : Facts.NONE;
    }

    private static Optional<TableUse> keyOf(TerminalNode leaf, Place place) {
        Names.Column column =
                Names.column(Names.beginningWith(leaf, ColumnRefContext.class).orElseThrow());
        return place.block()
                .resolve(column, place.visible())
                .filter(use -> use.isKey(column.name()));
    }

    /** The leaves of the column name that begins at an index. */
    private static Optional<List<TerminalNode>> columnFrom(List<TerminalNode> leaves, int index) {
        if (index >= leaves.size()) {
            return Optional.empty();
        }
        return Names.beginningWith(leaves.get(index), ColumnRefContext.class).map(Names::leaves);
    }

    /** A literal, a negated literal or a parameter, and nothing besides. */
    static Optional<ValueRef> valueRef(ParsedSql sql, List<TerminalNode> value) {
        if (value.isEmpty() || value.size() > 2) {
            return Optional.empty();
        }
        TerminalNode last = value.getLast();
        int type = last.getSymbol().getType();
        if (value.size() == 1 && type == MySQLStatementLexer.QUESTION_) {
            return Optional.of(new ValueRef.Parameter(sql.parameterOf(last)));
        }
        boolean negated =
                value.size() == 2
                        && value.getFirst().getSymbol().getType() == MySQLStatementLexer.MINUS_;
        int literal = sql.literalOf(last);
        return literal >= 0 && (value.size() == 1 || negated)
                ? Optional.of(new ValueRef.Literal(literal, negated))
                : Optional.empty();
    }

    private static boolean isEquals(TerminalNode leaf) {
        return leaf.getSymbol().getType() == MySQLStatementLexer.EQ_;
    }

    private static boolean isParenthesised(List<TerminalNode> leaves) {
        return leaves.getFirst().getSymbol().getType() == MySQLStatementLexer.LP_
                && leaves.getLast().getSymbol().getType() == MySQLStatementLexer.RP_;
    }
}
