package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentValuesContext;

/**
 * Notes where the rows of an INSERT stand in the text, so that each can go to its owner. Confined
 * to one call of the planner.
 */
final class SpreadRows {

    private final ParsedSql sql;
    private final List<SpreadTarget.Row> rows = new ArrayList<>();
    private final List<DrawnRows.Place> places = new ArrayList<>();
    private int token;
    private int parameters;

    SpreadRows(ParsedSql sql) {
        this.sql = sql;
    }

    /** The next row, of a table without an AUTO_INCREMENT column. */
    void add(AssignmentValuesContext row, ValueRef key) {
        List<TerminalNode> leaves = Names.leaves(row);
        int first = goTo(leaves.getFirst());
        int before = parameters;
        int last = goTo(leaves.getLast());
        rows.add(row(first, last, Optional.of(key), Optional.empty(), before));
    }

    /**
     * The next row, of a table with an AUTO_INCREMENT column.
     *
     * @param value which the row has there, which gives an id or asks for one; empty where the row
     *     leaves the column out: it is written behind the other values
     * @param id what the row gives there, if the column is not the shard key
     */
    void add(
            AssignmentValuesContext row,
            Optional<? extends ParserRuleContext> value,
            Optional<ValueRef> key,
            Optional<ValueRef> id) {
        List<TerminalNode> leaves = Names.leaves(row);
        int first = goTo(leaves.getFirst());
        int before = parameters;
        if (value.isPresent()) {
            List<TerminalNode> words = Names.leaves(value.get());
            int at = goTo(words.getFirst());
            place(new KeyWriting.Piece(at - 1, words.size(), "", true));
        }
        int last = goTo(leaves.getLast());
        if (value.isEmpty()) {
            String comma = sql.text().tokens().get(last - 1).isOperator("(") ? "" : ", ";
            place(new KeyWriting.Piece(last - 1, 0, comma, true));
        }
        rows.add(row(first, last, key, id, before));
    }

    private void place(KeyWriting.Piece piece) {
        places.add(new DrawnRows.Place(piece, parameters));
    }

    private SpreadTarget.Row row(
            int first, int last, Optional<ValueRef> key, Optional<ValueRef> id, int before) {
        return new SpreadTarget.Row(first, last, key, id, before, parameters - before);
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

    /** Where the table's AUTO_INCREMENT column is the shard key, or it has none. */
    Optional<SpreadTarget.Rows> target(
            KeyType type, Optional<DrawnColumn> drawn, Optional<KeyWriting.Piece> named) {
        return target(type, false, drawn.map(column -> new DrawnRows(column, true, named, places)));
    }

    Optional<SpreadTarget.Rows> target(KeyType type, InsertedIds ids) {
        return target(
                type,
                ids.onlyMySql(),
                ids.column().map(column -> new DrawnRows(column, false, ids.named(), places)));
    }

    /** Empty where rows stand in other brackets than their own. */
    private Optional<SpreadTarget.Rows> target(
            KeyType type, boolean drawsIds, Optional<DrawnRows> drawn) {
        List<Token> tokens = sql.text().tokens();
        boolean plain =
                rows.stream()
                        .allMatch(row ->
                                tokens.get(row.first()).isOperator("(")
                                        && tokens.get(row.last()).isOperator(")")
                                        && !tokens.get(row.first() - 1).isWord("ROW"));
        return plain
                ? Optional.of(new SpreadTarget.Rows(type, rows, drawsIds, drawn))
                : Optional.empty();
    }
}
