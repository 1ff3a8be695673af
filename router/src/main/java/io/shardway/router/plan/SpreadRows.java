package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValuesContext;

/**
 * Notes where the rows of an INSERT stand in the text, so that each can go to its owner. Confined
 * to one call of the planner.
 */
final class SpreadRows {

    private final ParsedSql sql;
    private final OptionalInt idPosition;
    private final List<SpreadTarget.Row> rows = new ArrayList<>();
    private int token;
    private int parameters;
    private boolean drawsIds;
    private final List<DrawnRows.Place> places = new ArrayList<>();

    /**
     * @param idPosition of an AUTO_INCREMENT column that is not the shard key among the values of a
     *     row; -1 if they have none
     */
    SpreadRows(ParsedSql sql, OptionalInt idPosition) {
        this.sql = sql;
        this.idPosition = idPosition;
    }

    /** The next row. */
    void add(AssignmentValuesContext row, ValueRef key) {
        List<TerminalNode> leaves = Names.leaves(row);
        int first = goTo(leaves.getFirst());
        int before = parameters;
        add(row, first, before, goTo(leaves.getLast()), Optional.of(key));
    }

    /**
     * The next row, of a table whose shard key is AUTO_INCREMENT.
     *
     * @param value which is the key, or asks for one
     */
    void add(AssignmentValuesContext row, ParserRuleContext value, Optional<ValueRef> key) {
        List<TerminalNode> leaves = Names.leaves(row);
        int first = goTo(leaves.getFirst());
        int before = parameters;
        List<TerminalNode> words = Names.leaves(value);
        int at = goTo(words.getFirst());
        places.add(
                new DrawnRows.Place(
                        new KeyWriting.Piece(at - 1, words.size(), "", true), parameters));
        add(row, first, before, goTo(leaves.getLast()), key);
    }

    /** The next row, which leaves the shard key out; it is written behind the other values. */
    void addWithoutKey(AssignmentValuesContext row) {
        List<TerminalNode> leaves = Names.leaves(row);
        int first = goTo(leaves.getFirst());
        int before = parameters;
        int last = goTo(leaves.getLast());
        String comma = sql.text().tokens().get(last - 1).isOperator("(") ? "" : ", ";
        places.add(new DrawnRows.Place(new KeyWriting.Piece(last - 1, 0, comma, true), parameters));
        add(row, first, before, last, Optional.empty());
    }

    private void add(
            AssignmentValuesContext row, int first, int before, int last, Optional<ValueRef> key) {
        Optional<ValueRef> id = Optional.empty();
        if (idPosition.isPresent()) {
            int at = idPosition.getAsInt();
            id =
                    at < 0
                            ? Optional.empty()
                            : Conditions.valueRef(sql, Names.leaves(row.assignmentValue(at)));
            drawsIds |= id.isEmpty();
        }
        rows.add(new SpreadTarget.Row(first, last, key, id, before, parameters - before));
    }

    /** The token where a leaf begins, which is none before the last one. */
    private int goTo(TerminalNode leaf) {
        int start = sql.text().base() + leaf.getSymbol().getStartIndex();
        List<Token> tokens = sql.text().tokens();
        while (token < tokens.size() && tokens.get(token).start() != start) {
            if (tokens.get(token).kind() == Token.Kind.PARAMETER) {
                parameters++;
            }
            token++;
        }
        if (token == tokens.size()) {
            throw PlanRejection.notUnderstood("the word at byte " + start);
        }
        return token;
    }

    /** Empty where rows stand in other brackets than their own. */
    Optional<SpreadTarget.Rows> target(
            KeyType type, Optional<DrawnColumn> drawn, Optional<KeyWriting.Piece> named) {
        List<Token> tokens = sql.text().tokens();
        boolean plain =
                rows.stream()
                        .allMatch(row ->
                                tokens.get(row.first()).isOperator("(")
                                        && tokens.get(row.last()).isOperator(")")
                                        && !tokens.get(row.first() - 1).isWord("ROW"));
        return plain
                ? Optional.of(
                        new SpreadTarget.Rows(
                                type,
                                rows,
                                drawsIds,
                                drawn.map(column -> new DrawnRows(column, named, places))))
                : Optional.empty();
    }
}
