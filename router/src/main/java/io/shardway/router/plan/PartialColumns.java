package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;

/**
 * The columns of partial answers: what a shard groups its rows by, and what it has of each group.
 * Confined to one call of the planner.
 */
final class PartialColumns {

    /**
     * MySQL divides for an average without rounding: to nine digits, if the sum has no more than
     * {@link Partials#DIVIDED_SCALE_MAX}. The operator rounds to four more than the sum has, so a
     * sum of 14 is divided exactly as far, and cut.
     */
    private static final String UNROUNDED =
            "TRUNCATE(CAST(SUM(%s) AS DECIMAL(65, 14)) / NULLIF(SUM(%s), 0), 9)";

    private static final String ROUNDED = "(SUM(%s) / NULLIF(SUM(%s), 0))";

    private static final String COUNTED = "CAST(IFNULL(SUM(%s), 0) AS SIGNED)";

    /** Putting values together again is the same function. */
    private static final Set<String> REPEATED =
            Set.of("SUM", "MIN", "MAX", "BIT_AND", "BIT_OR", "BIT_XOR");

    private static final Set<String> DISTINCT = Set.of("COUNT", "SUM", "AVG", "MIN", "MAX");

    /** What rows are grouped by. */
    private record Key(int number, List<TerminalNode> leaves, Optional<SelectList.Column> column) {}

    private final ParsedSql sql;
    private final Function<List<TerminalNode>, Optional<SelectList.Column>> column;
    private final List<Token> tokens;
    private final Pieces pieces;
    private final List<Key> keys = new ArrayList<>();
    private final Set<Integer> divided = new HashSet<>();
    private int count;

    /**
     * @param column the table's column that these leaves name, and nothing else
     */
    PartialColumns(
            ParsedSql sql, Function<List<TerminalNode>, Optional<SelectList.Column>> column) {
        this.sql = sql;
        this.column = column;
        this.tokens = sql.text().tokens();
        this.pieces = new Pieces(tokens);
    }

    boolean isEmpty() {
        return count == 0;
    }

    Pieces pieces() {
        return pieces;
    }

    List<Integer> divided() {
        return divided.stream().sorted().toList();
    }

    String groupBy() {
        return keys.isEmpty()
                ? ""
                : IntStream.range(0, keys.size())
                        .map(key -> keys.get(key).number() + 1)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", ", "GROUP BY ", ""));
    }

    /** The column of what is grouped by, a new one if there is none. */
    int key(List<TerminalNode> leaves) {
        Optional<Integer> known = keyOf(leaves, new ArrayList<>());
        if (known.isPresent()) {
            return known.get();
        }
        if (!hasColumn(leaves)) {
            throw new PartialsReader.NotFound();
        }
        int number = column(tokenOf(leaves.getFirst()), tokenOf(leaves.getLast()) + 1);
        keys.add(new Key(number, leaves, column.apply(leaves)));
        return number;
    }

    /**
     * The column of what is written like this.
     *
     * @param same takes literals that must stay alike
     */
    Optional<Integer> keyOf(List<TerminalNode> leaves, List<Partials.Same> same) {
        for (Key key : keys) {
            var found = new ArrayList<Partials.Same>();
            if (isSame(key.leaves(), leaves, found)) {
                same.addAll(found);
                return Optional.of(key.number());
            }
        }
        return Optional.empty();
    }

    /** The column that this one of the table's is grouped by. */
    Optional<Integer> keyOf(SelectList.Column grouped) {
        return keys.stream()
                .filter(key -> key.column().filter(grouped::equals).isPresent())
                .map(Key::number)
                .findFirst();
    }

    private boolean isSame(
            List<TerminalNode> one, List<TerminalNode> other, List<Partials.Same> same) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int at = 0; at < one.size(); at++) {
            int first = tokenOf(one.get(at));
            int second = tokenOf(other.get(at));
            Token.Kind kind = tokens.get(first).kind();
            String left = tokens.get(first).text();
            String right = tokens.get(second).text();
            boolean alike =
                    kind == Token.Kind.WORD ? left.equalsIgnoreCase(right) : left.equals(right);
            if (!alike
                    || kind != tokens.get(second).kind()
                    || kind == Token.Kind.PARAMETER && first != second) {
                return false;
            }
            if (kind == Token.Kind.LITERAL) {
                same.add(new Partials.Same(first, second));
            }
        }
        return true;
    }

    /** A function's name, parentheses, and nothing behind them. */
    static boolean isCall(List<TerminalNode> leaves) {
        return leaves.size() >= 3 && Conditions.isOneList(leaves.subList(1, leaves.size()));
    }

    /**
     * Writes what an aggregate function becomes.
     *
     * @param rounded whether its value is shown or ordered by as it is
     * @param known takes the words that are understood here
     */
    void aggregate(List<TerminalNode> leaves, boolean rounded, Pieces out, Set<Integer> known) {
        int head = tokenOf(leaves.getFirst());
        int end = tokenOf(leaves.getLast()) + 1;
        String function = leaves.getFirst().getText().toUpperCase(Locale.ROOT);
        known.add(head);
        if (leaves.get(2).getText().equalsIgnoreCase("DISTINCT")) {
            known.add(tokenOf(leaves.get(2)));
            if (!DISTINCT.contains(function)) {
                throw new PartialsReader.NotFound();
            }
            String arguments =
                    Conditions.listed(leaves.subList(3, leaves.size() - 1)).stream()
                            .map(argument -> Partials.column(key(argument)))
                            .collect(Collectors.joining(", "));
            out.write(function + "(DISTINCT " + arguments + ")");
        } else if (function.equals("COUNT")) {
            out.write(COUNTED.formatted(Partials.column(column(head, end))));
        } else if (REPEATED.contains(function)) {
            out.write(function + "(" + Partials.column(column(head, end)) + ")");
        } else if (function.equals("AVG")) {
            int sum = column("SUM(", head + 2, end - 1, ")");
            int number = column("COUNT(", head + 2, end - 1, ")");
            if (!rounded) {
                divided.add(sum);
            }
            out.write(
                    (rounded ? ROUNDED : UNROUNDED)
                            .formatted(Partials.column(sum), Partials.column(number)));
        } else {
            throw new PartialsReader.NotFound();
        }
    }

    private int column(int from, int to) {
        return column("", from, to, "");
    }

    private int column(String before, int from, int to, String behind) {
        pieces.write((count == 0 ? "" : ", ") + before)
                .copy(from, to)
                .write(behind + " AS " + Partials.column(count));
        return count++;
    }

    private int tokenOf(TerminalNode leaf) {
        return sql.tokenOf(leaf);
    }

    static boolean hasColumn(List<TerminalNode> leaves) {
        return leaves.stream()
                .anyMatch(leaf -> Names.beginningWith(leaf, ColumnRefContext.class).isPresent());
    }
}
