package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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

    /**
     * @param idPosition of an AUTO_INCREMENT column among the values of a row; -1 if they have none
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
        int last = goTo(leaves.getLast());
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
    Optional<SpreadTarget.Rows> target(KeyType type) {
        List<Token> tokens = sql.text().tokens();
        boolean plain =
                rows.stream()
                        .allMatch(row ->
                                tokens.get(row.first()).isOperator("(")
                                        && tokens.get(row.last()).isOperator(")")
                                        && !tokens.get(row.first() - 1).isWord("ROW"));
        return plain ? Optional.of(new SpreadTarget.Rows(type, rows, drawsIds)) : Optional.empty();
    }
}
