package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DirectionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByItemContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ProjectionContext;

/**
 * What a SELECT of one table shows, and which of its columns the names in ORDER BY and GROUP BY
 * mean. Confined to one call of the planner.
 */
final class SelectList {

    /** An aggregate function that is a whole item, and the column it is of. */
    record Aggregate(Scatter.Part part, Optional<Column> column) {}

    /** An item of ORDER BY that is a column of a table. */
    record Ordering(Column column, boolean descending) {}

    /** A column of one of the statement's tables. */
    record Column(TableUse use, ColumnSchema schema) {
        String name() {
            return schema.name();
        }

        String dataType() {
            return schema.dataType();
        }
    }

    private record Item(
            Optional<String> alias, Optional<Column> column, Optional<Aggregate> aggregate) {}

    private final ParsedSql sql;
    private final SingleSelect select;
    private final List<Item> items = new ArrayList<>();
    private final Set<Integer> heads = new HashSet<>();
    private boolean star;

    private SelectList(ParsedSql sql, SingleSelect select) {
        this.sql = sql;
        this.select = select;
    }

    /** Empty if an item is called what only its text tells. */
    static Optional<SelectList> of(QueryReader reader, SingleSelect select) {
        var list = new SelectList(reader.sql(), select);
        list.star = select.query().projections().unqualifiedShorthand() != null;
        for (ProjectionContext projection : select.query().projections().projection()) {
            if (!list.add(projection)) {
                return Optional.empty();
            }
        }
        return Optional.of(list);
    }

    private boolean add(ProjectionContext projection) {
        if (projection.qualifiedShorthand() != null) {
            star = true;
            items.add(new Item(Optional.empty(), Optional.empty(), Optional.empty()));
            return true;
        }
        Optional<String> alias = Optional.empty();
        if (projection.alias() != null) {
            List<TerminalNode> written = Names.leaves(projection.alias());
            if (written.size() != 1 || isText(written.getFirst())) {
                return false;
            }
            alias = Optional.of(Names.unquoted(written.getFirst().getText()));
            if (!StandardCharsets.US_ASCII.newEncoder().canEncode(alias.get())) {
                return false; // MySQL takes é for e.
            }
        }
        List<TerminalNode> leaves = Names.leaves(projection.expr());
        Optional<Column> column = column(leaves);
        Optional<Aggregate> aggregate = column.isEmpty() ? aggregate(leaves) : Optional.empty();
        aggregate.ifPresent(_ -> heads.add(sql.tokenOf(leaves.getFirst())));
        items.add(new Item(alias, column, aggregate));
        return true;
    }

    private static boolean isText(TerminalNode leaf) {
        return leaf.getText().startsWith("'") || leaf.getText().startsWith("\"");
    }

    /** The table's column that these leaves name, and nothing else. */
    Optional<Column> column(List<TerminalNode> leaves) {
        if (leaves.isEmpty()) {
            return Optional.empty();
        }
        Optional<ColumnRefContext> written =
                Names.beginningWith(leaves.getFirst(), ColumnRefContext.class);
        if (written.isEmpty() || Names.leaves(written.get()).size() != leaves.size()) {
            return Optional.empty();
        }
        Names.Column name = Names.column(written.get());
        return select.block()
                .resolve(name, select.block().uses())
                .filter(select.uses()::contains)
                .flatMap(use -> use.column(name.name()).map(schema -> new Column(use, schema)));
    }

    private Optional<Aggregate> aggregate(List<TerminalNode> leaves) {
        boolean call =
                leaves.size() >= 4
                        && leaves.get(1).getText().equals("(")
                        && leaves.getLast().getText().equals(")");
        if (!call) {
            return Optional.empty();
        }
        List<TerminalNode> argument = leaves.subList(2, leaves.size() - 1);
        Optional<Column> column = column(argument);
        return switch (leaves.getFirst().getText().toUpperCase(Locale.ROOT)) {
            case "COUNT" ->
                    Optional.of(new Aggregate(Scatter.Part.COUNT, column))
                            .filter(_ -> column.isPresent() || isCounted(argument));
            case "SUM" -> column.map(_ -> new Aggregate(Scatter.Part.SUM, column));
            case "MIN" -> column.map(_ -> new Aggregate(Scatter.Part.MIN, column));
            case "MAX" -> column.map(_ -> new Aggregate(Scatter.Part.MAX, column));
            default -> Optional.empty();
        };
    }

    /** A star or a literal. */
    private boolean isCounted(List<TerminalNode> argument) {
        return argument.size() == 1
                && (argument.getFirst().getSymbol().getType() == MySQLStatementLexer.ASTERISK_
                        || sql.literalOf(argument.getFirst()) >= 0);
    }

    TableUse use() {
        return select.use();
    }

    /** Tokens that begin aggregate functions. */
    Set<Integer> heads() {
        return heads;
    }

    boolean hasStar() {
        return star;
    }

    boolean hasAggregates() {
        return !heads.isEmpty();
    }

    int size() {
        return items.size();
    }

    Optional<Column> columnOf(int item) {
        return items.get(item).column();
    }

    Optional<Aggregate> aggregateOf(int item) {
        return items.get(item).aggregate();
    }

    /** Whether the column is in the answer, or perhaps: a star leaves invisible ones out. */
    boolean shows(Column column) {
        return star || itemOf(column) >= 0;
    }

    /** The first item that is this column; -1 if there is none, or a star hides its place. */
    int itemOf(Column column) {
        if (star) {
            return -1;
        }
        for (int item = 0; item < items.size(); item++) {
            if (items.get(item).column().filter(column::equals).isPresent()) {
                return item;
            }
        }
        return -1;
    }

    /**
     * The column that an item of ORDER BY means. MySQL looks for a name in the select list first.
     */
    Optional<Ordering> ordering(OrderByItemContext item) {
        List<TerminalNode> leaves =
                Names.leaves(item.expr() == null ? item.numberLiterals() : item.expr());
        DirectionContext direction = item.direction();
        boolean descending = direction != null && direction.getText().equalsIgnoreCase("DESC");
        Optional<Column> column =
                leaves.size() == 1 && sql.literalOf(leaves.getFirst()) >= 0
                        ? ordinal(leaves.getFirst())
                        : leaves.size() == 1 ? named(leaves) : column(leaves);
        return column.map(found -> new Ordering(found, descending));
    }

    private Optional<Column> ordinal(TerminalNode leaf) {
        Token token = sql.text().tokens().get(sql.tokenOf(leaf));
        if (star || !token.text().matches("[0-9]{1,4}")) {
            return Optional.empty();
        }
        int item = Integer.parseInt(token.text()) - 1;
        return item >= 0 && item < items.size() ? items.get(item).column() : Optional.empty();
    }

    private Optional<Column> named(List<TerminalNode> leaves) {
        List<Item> called = aliased(leaves);
        if (called.isEmpty()) {
            return column(leaves);
        }
        return called.size() == 1 ? called.getFirst().column() : Optional.empty();
    }

    private List<Item> aliased(List<TerminalNode> leaves) {
        return aliased(leaves.getFirst()).stream().map(items::get).toList();
    }

    /** The items that have this alias. */
    List<Integer> aliased(TerminalNode leaf) {
        if (isText(leaf) || sql.literalOf(leaf) >= 0) {
            return List.of();
        }
        String name = Names.unquoted(leaf.getText());
        return IntStream.range(0, items.size())
                .filter(item -> items.get(item).alias().filter(name::equalsIgnoreCase).isPresent())
                .boxed()
                .toList();
    }

    /** The column that an item of GROUP BY means: the table's, even if another has its name. */
    Optional<Column> grouped(OrderByItemContext item) {
        if (item.direction() != null || item.expr() == null) {
            return Optional.empty();
        }
        List<TerminalNode> leaves = Names.leaves(item.expr());
        Optional<Column> column = column(leaves);
        boolean ambiguous =
                leaves.size() == 1
                        && column.isPresent()
                        && aliased(leaves).stream()
                                .anyMatch(other -> !other.column().equals(column));
        return ambiguous ? Optional.empty() : column;
    }
}
