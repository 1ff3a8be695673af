package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.GroupByClauseContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.OrderByItemContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ProjectionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QueryExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.QuerySpecificationContext;

/**
 * Finds reads of one table, or of several joined by their keys, that put rows together, by GROUP
 * BY, DISTINCT or aggregate functions alone, such that each shard can put its own together first.
 * In doubt there is none. Confined to one call of the planner.
 */
final class PartialsReader {

    /** A longer statement is not worth the look. */
    private static final int TOKENS_MAX = 1_000;

    /** What they say hangs on their arguments and on settings that all nodes are given. */
    private static final Set<String> FUNCTIONS = WordList.load("grouped-functions.txt");

    private static final Set<String> COMPARISONS =
            Set.of("=", "<", ">", "<=", ">=", "<>", "!=", "<=>", "BETWEEN");

    private static final Pattern TIME_LIMIT =
            Pattern.compile(
                    "/\\*\\+\\s*MAX_EXECUTION_TIME\\s*\\(\\s*\\d+\\s*\\)\\s*\\*/",
                    Pattern.CASE_INSENSITIVE);

    /** Leaves the search; there is no way to finish it from parts. */
    static final class NotFound extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotFound() {
            super("", null, false, false);
        }
    }

    private final QueryReader reader;
    private final List<Token> tokens;
    private final QueryExpressionContext expression;
    private final QuerySpecificationContext query;
    private final SelectList list;
    private final TableUse use;
    private final PartialColumns columns;
    private final Set<Integer> known = new HashSet<>();
    private final List<Partials.Same> same = new ArrayList<>();
    private final List<Integer> digits = new ArrayList<>();

    private PartialsReader(QueryReader reader, SingleSelect select, SelectList list) {
        this.reader = reader;
        this.tokens = reader.sql().text().tokens();
        this.expression = select.expression();
        this.query = select.query();
        this.list = list;
        this.use = select.use();
        this.columns = new PartialColumns(reader.sql(), list::column);
    }

    static Optional<Partials> read(QueryReader reader, SingleSelect select) {
        ParserText text = reader.sql().text();
        boolean candidate =
                select.uses().stream().noneMatch(TableUse::isView)
                        && !reader.isLocking()
                        && !text.hasExecutable()
                        && text.tokens().size() <= TOKENS_MAX
                        && text.tokens().stream().allMatch(PartialsReader::isKnown)
                        && select.uses().stream().noneMatch(PartialsReader::isOurs)
                        && select.query().fromClause() != null
                        && select.query().windowClause() == null
                        && select.uses().stream()
                                .noneMatch(use -> RowWords.comparesNumberWithText(text, use));
        Optional<SelectList> list =
                candidate ? SelectList.of(reader, select) : Optional.<SelectList>empty();
        if (list.isEmpty() || list.get().hasStar()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PartialsReader(reader, select, list.get()).read());
        } catch (NotFound _) {
            return Optional.empty();
        }
    }

    private static boolean isOurs(TableUse use) {
        return use.schema().orElseThrow().name().equals(Partials.TABLE);
    }

    /** Another hint than that of time would name tables and keys that are not there at the end. */
    private static boolean isKnown(Token token) {
        return switch (token.kind()) {
            case USER_VARIABLE, SYSTEM_VARIABLE -> false;
            case HINT -> TIME_LIMIT.matcher(token.text()).matches();
            case WORD, QUOTED_IDENTIFIER, LITERAL, PARAMETER, OPERATOR -> true;
        };
    }

    private Partials read() {
        knowFunctions();
        boolean distinct = readsDistinct();
        GroupByClauseContext grouping = query.groupByClause();
        var groups = new ArrayList<Integer>();
        if (grouping != null) {
            for (OrderByItemContext item : grouping.orderByItem()) {
                groups.add(columns.key(grouped(item)));
            }
        }
        boolean together = grouping != null || hasAggregates();
        if (!together && !distinct) {
            throw new NotFound();
        }
        if (!together) {
            for (ProjectionContext item : query.projections().projection()) {
                List<TerminalNode> leaves = Names.leaves(item.expr());
                if (PartialColumns.hasColumn(leaves)) {
                    columns.key(leaves);
                }
            }
        }
        Pieces finishing = finishing(groups);
        if (!RowWords.areAll(tokens, known)
                || columns.pieces().hasParameter()
                || columns.isEmpty()) {
            throw new NotFound();
        }
        int from = tokenOf(query.fromClause());
        ParseTree last = query.whereClause() == null ? query.fromClause() : query.whereClause();
        return new Partials(
                use.keyspace(),
                new Pieces(tokens)
                        .write(
                                "CREATE TEMPORARY TABLE %s ENGINE=InnoDB AS SELECT"
                                        .formatted(Partials.table(use.keyspace())))
                        .add(columns.pieces())
                        .copy(from, endOf(query.fromClause()))
                        .write(columns.groupBy() + " LIMIT 0")
                        .made(),
                new Pieces(tokens)
                        .write("SELECT")
                        .add(columns.pieces())
                        .copy(from, endOf(last))
                        .write(columns.groupBy())
                        .made(),
                finishing.made(),
                same,
                digits,
                columns.divided());
    }

    private Pieces finishing(List<Integer> groups) {
        var out = new Pieces(tokens);
        out.copy(tokenOf(query.SELECT()), tokenOf(query.projections()));
        String comma = "";
        for (ProjectionContext item : query.projections().projection()) {
            out.write(comma);
            rewrite(item.expr(), out, Place.ITEM);
            int behind = endOf(item.expr());
            out.copy(behind, endOf(item));
            comma = ",";
        }
        out.write("FROM " + Partials.table(use.keyspace()));
        if (query.groupByClause() != null) {
            String separator = "GROUP BY ";
            for (int group : groups) {
                out.write(separator + Partials.column(group));
                separator = ", ";
            }
            if (query.groupByClause().WITH() != null) {
                known.add(tokenOf(query.groupByClause().WITH()));
                known.add(tokenOf(query.groupByClause().ROLLUP()));
                out.write("WITH ROLLUP");
            }
        }
        if (query.havingClause() != null) {
            known.add(tokenOf(query.havingClause().HAVING()));
            out.write("HAVING");
            rewrite(query.havingClause().expr(), out, Place.HAVING);
        }
        if (expression.orderByClause() != null) {
            String separator = "ORDER BY";
            for (OrderByItemContext item : expression.orderByClause().orderByItem()) {
                out.write(separator);
                order(item, out);
                separator = ",";
            }
        }
        if (expression.limitClause() != null) {
            out.copy(tokenOf(expression.limitClause()), endOf(expression.limitClause()));
        }
        return out;
    }

    private boolean readsDistinct() {
        boolean distinct = false;
        for (var specification : query.selectSpecification()) {
            known.add(tokenOf(specification));
            distinct |= specification.getText().toUpperCase(Locale.ROOT).startsWith("DISTINCT");
        }
        return distinct;
    }

    /** An aggregate function of another name is not known to {@link RowWords} either. */
    private boolean hasAggregates() {
        List<TerminalNode> leaves = Names.leaves(query.projections());
        for (int at = 0; at + 1 < leaves.size(); at++) {
            if (leaves.get(at + 1).getText().equals("(")
                    && TopReader.isAggregate(leaves.get(at).getText())) {
                return true;
            }
        }
        return false;
    }

    /** What an item of GROUP BY stands for. */
    private List<TerminalNode> grouped(OrderByItemContext item) {
        if (item.direction() != null) {
            throw new NotFound();
        }
        if (item.expr() == null) {
            return Names.leaves(itemAt(item.numberLiterals()).expr());
        }
        List<TerminalNode> leaves = Names.leaves(item.expr());
        if (leaves.size() > 1) {
            return leaves;
        }
        if (reader.sql().literalOf(leaves.getFirst()) >= 0) {
            return Names.leaves(itemAt(item.expr()).expr());
        }
        Optional<ProjectionContext> alias = aliased(leaves.getFirst());
        Optional<SelectList.Column> column = list.column(leaves);
        if (alias.isPresent() == column.isPresent()) {
            if (alias.isPresent() && list.column(Names.leaves(alias.get().expr())).equals(column)) {
                return leaves;
            }
            throw new NotFound();
        }
        return alias.isPresent() ? Names.leaves(alias.get().expr()) : leaves;
    }

    private ProjectionContext itemAt(ParseTree ordinal) {
        String written = tokens.get(tokenOf(ordinal)).text();
        List<ProjectionContext> items = query.projections().projection();
        int item = written.matches("[0-9]{1,4}") ? Integer.parseInt(written) : 0;
        if (item < 1 || item > items.size()) {
            throw new NotFound();
        }
        return items.get(item - 1);
    }

    /** The only item of this alias. */
    private Optional<ProjectionContext> aliased(TerminalNode leaf) {
        List<Integer> items = list.aliased(leaf);
        if (items.size() > 1) {
            throw new NotFound();
        }
        return items.stream().findFirst().map(query.projections().projection()::get);
    }

    /** Where an expression stands. */
    private enum Place {
        /** A whole item of the select list or of ORDER BY: its value is rounded. */
        ITEM,
        ORDER,
        HAVING,
        /** Within another expression. */
        INSIDE
    }

    private void order(OrderByItemContext item, Pieces out) {
        ParseTree written = item.expr() == null ? item.numberLiterals() : item.expr();
        List<TerminalNode> leaves = Names.leaves(written);
        boolean name = leaves.size() == 1 && !list.aliased(leaves.getFirst()).isEmpty();
        boolean ordinal = item.expr() == null || reader.sql().literalOf(leaves.getFirst()) >= 0;
        if (name || ordinal && leaves.size() == 1) {
            out.copy(tokenOf(written), endOf(written));
        } else {
            rewrite(written, out, Place.ORDER);
        }
        if (item.direction() != null) {
            out.copy(tokenOf(item.direction()), endOf(item.direction()));
        }
    }

    private void rewrite(ParseTree tree, Pieces out, Place place) {
        List<TerminalNode> leaves = Names.leaves(tree);
        if (leaves.isEmpty()) {
            return;
        }
        Optional<Integer> key = columns.keyOf(leaves, same);
        if (key.isPresent()) {
            out.write(Partials.column(key.get()));
        } else if (tree instanceof TerminalNode leaf) {
            word(leaf, out);
        } else if (tree instanceof ColumnRefContext) {
            name(leaves, out, place);
        } else if (PartialColumns.isCall(leaves) && isAggregate(leaves)) {
            aggregate(tree, tree, out, place);
        } else {
            boolean only = tree.getChildCount() == 1;
            for (int child = 0; child < tree.getChildCount(); child++) {
                rewrite(tree.getChild(child), out, only ? place : inside(place));
            }
        }
    }

    /**
     * @param where it is used: an alias of it, or the function itself
     */
    private void aggregate(ParseTree tree, ParseTree where, Pieces out, Place place) {
        List<TerminalNode> leaves = Names.leaves(tree);
        boolean rounded = place == Place.ITEM || place == Place.ORDER;
        if (!rounded && leaves.getFirst().getText().equalsIgnoreCase("AVG")) {
            requireValueOnly(where);
        }
        columns.aggregate(leaves, rounded, out, known);
    }

    /**
     * Whether more digits than an average is declared with would be seen: not where it is compared,
     * or rounded to fewer.
     */
    private void requireValueOnly(ParseTree average) {
        List<TerminalNode> own = Names.leaves(average);
        ParseTree around = average;
        while (around.getParent() != null && Names.leaves(around).size() == own.size()) {
            around = around.getParent();
        }
        for (int child = 0; child < around.getChildCount(); child++) {
            if (COMPARISONS.contains(around.getChild(child).getText().toUpperCase(Locale.ROOT))) {
                return;
            }
        }
        List<TerminalNode> leaves = Names.leaves(around);
        boolean rounds =
                PartialColumns.isCall(leaves)
                        && leaves.get(0).getText().equalsIgnoreCase("ROUND")
                        && leaves.get(2) == own.getFirst();
        int behind = leaves.size() - 3 - own.size();
        if (rounds && behind == 2 && reader.sql().literalOf(leaves.get(leaves.size() - 2)) >= 0) {
            digits.add(reader.sql().tokenOf(leaves.get(leaves.size() - 2)));
        } else if (!rounds || behind != 0) {
            throw new NotFound();
        }
    }

    /** In HAVING an alias means the item, and not its rounded value. */
    private static Place inside(Place place) {
        return place == Place.HAVING ? Place.HAVING : Place.INSIDE;
    }

    private boolean isAggregate(List<TerminalNode> leaves) {
        return TopReader.isAggregate(leaves.getFirst().getText())
                && !leaves.getFirst().getText().equalsIgnoreCase("GROUPING");
    }

    private void word(TerminalNode leaf, Pieces out) {
        int token = tokenOf(leaf);
        boolean called = token + 1 < tokens.size() && tokens.get(token + 1).isOperator("(");
        if (called) {
            String word = leaf.getText().toLowerCase(Locale.ROOT);
            if (word.equals("grouping")) {
                known.add(token);
            } else if (TopReader.isAggregate(word)) {
                throw new NotFound();
            }
        }
        out.copy(token, token + 1);
    }

    /** A name that is no column the statement groups by. */
    private void name(List<TerminalNode> leaves, Pieces out, Place place) {
        Optional<SelectList.Column> column = list.column(leaves);
        Optional<Integer> key = column.flatMap(columns::keyOf);
        Optional<ProjectionContext> alias =
                leaves.size() == 1 && place == Place.HAVING
                        ? aliased(leaves.getFirst())
                        : Optional.empty();
        if (key.isPresent() && alias.isEmpty()) {
            out.write(Partials.column(key.get()));
        } else if (alias.isPresent() && column.isEmpty()) {
            List<TerminalNode> item = Names.leaves(alias.get().expr());
            out.write("(");
            if (PartialColumns.isCall(item) && isAggregate(item)) {
                aggregate(alias.get().expr(), leaves.getFirst(), out, Place.INSIDE);
            } else {
                rewrite(alias.get().expr(), out, Place.INSIDE);
            }
            out.write(")");
        } else if (key.isPresent()
                && list.column(Names.leaves(alias.orElseThrow().expr())).equals(column)) {
            out.write(Partials.column(key.get()));
        } else {
            throw new NotFound();
        }
    }

    private int tokenOf(ParseTree tree) {
        return reader.sql().tokenOf(Names.leaves(tree).getFirst());
    }

    /** The token behind it. */
    private int endOf(ParseTree tree) {
        return reader.sql().tokenOf(Names.leaves(tree).getLast()) + 1;
    }

    /** Words before parentheses that are known here and not for single rows. */
    private void knowFunctions() {
        for (int at = 0; at + 1 < tokens.size(); at++) {
            if (tokens.get(at + 1).isOperator("(")
                    && FUNCTIONS.contains(tokens.get(at).text().toLowerCase(Locale.ROOT))) {
                known.add(at);
            }
        }
    }
}
