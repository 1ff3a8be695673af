package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AssignmentContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnRefContext;

/**
 * Finds how a drawn key is written into the one row of an INSERT. Keys that are added stand last in
 * their row: until MySQL draws an id, the column has its default for the values before. Stateless.
 */
final class InsertedRow {

    private InsertedRow() {}

    /** NULL or DEFAULT, and nothing besides. */
    static boolean asksForKey(ParserRuleContext value) {
        List<TerminalNode> leaves = Names.leaves(value);
        if (leaves.size() != 1) {
            return false;
        }
        String word = leaves.getFirst().getText();
        return word.equalsIgnoreCase("NULL") || word.equalsIgnoreCase("DEFAULT");
    }

    /** The key takes the place of a value. */
    static KeyWriting inPlaceOf(ParsedSql sql, ParserRuleContext value) {
        List<TerminalNode> leaves = Names.leaves(value);
        int first = index(sql, leaves.getFirst());
        return new KeyWriting(
                List.of(new KeyWriting.Piece(first - 1, leaves.size(), "", true)),
                parametersBefore(sql, first));
    }

    /** The key becomes the last column of the list and the last value of the row. */
    static KeyWriting added(ParsedSql sql, String column, ValuesClause clause) {
        var pieces = new ArrayList<KeyWriting.Piece>();
        pieces.add(named(sql, column, clause));
        int end = index(sql, Names.leaves(clause.rows().getFirst()).getLast());
        pieces.add(new KeyWriting.Piece(end - 1, 0, beginsList(sql, end - 1) ? "" : ", ", true));
        return new KeyWriting(pieces, parametersBefore(sql, end));
    }

    /** The key becomes the last column of the list. */
    static KeyWriting.Piece named(ParsedSql sql, String column, ValuesClause clause) {
        if (clause.columnAliases()) {
            throw PlanRejection.notUnderstood(
                    "column aliases where column %s is left out; give it as NULL"
                            .formatted(column));
        }
        if (clause.listEnd().isPresent()) {
            int end = index(sql, clause.listEnd().get());
            String comma = beginsList(sql, end - 1) ? "" : ", ";
            return new KeyWriting.Piece(end - 1, 0, comma + QuotedName.of(column), false);
        }
        int word = index(sql, clause.word());
        return new KeyWriting.Piece(word - 1, 0, " (" + QuotedName.of(column) + ")", false);
    }

    /** The key becomes the last assignment of INSERT ... SET. */
    static KeyWriting assigned(ParsedSql sql, String column, ParserRuleContext lastAssignment) {
        int last = index(sql, Names.leaves(lastAssignment).getLast());
        return new KeyWriting(
                List.of(new KeyWriting.Piece(last, 0, ", " + QuotedName.of(column) + " = ", true)),
                parametersBefore(sql, last + 1));
    }

    /** Whether a value reads the column, which has its default until MySQL draws an id. */
    static boolean reads(ParseTree values, String column) {
        if (values instanceof ColumnRefContext reference
                && Names.column(reference).name().equalsIgnoreCase(column)) {
            return true;
        }
        for (int child = 0; child < values.getChildCount(); child++) {
            if (reads(values.getChild(child), column)) {
                return true;
            }
        }
        return false;
    }

    /** The way to hear of the row that was there: {@code id = LAST_INSERT_ID(id)}. */
    static boolean keepsKey(AssignmentContext assignment, TableUse target) {
        List<String> words =
                Names.leaves(assignment.assignmentValue()).stream()
                        .map(leaf -> leaf.getText())
                        .toList();
        return words.size() == 4
                && words.get(0).equalsIgnoreCase("LAST_INSERT_ID")
                && words.get(1).equals("(")
                && target.isKey(Names.unquoted(words.get(2)))
                && words.get(3).equals(")");
    }

    private static boolean beginsList(ParsedSql sql, int token) {
        return sql.text().tokens().get(token).isOperator("(");
    }

    private static int parametersBefore(ParsedSql sql, int token) {
        return (int)
                sql.text().tokens().stream()
                        .limit(token)
                        .filter(each -> each.kind() == Token.Kind.PARAMETER)
                        .count();
    }

    private static int index(ParsedSql sql, TerminalNode leaf) {
        int start = sql.text().base() + leaf.getSymbol().getStartIndex();
        List<Token> tokens = sql.text().tokens();
        for (int token = 0; token < tokens.size(); token++) {
            if (tokens.get(token).start() == start) {
                return token;
            }
        }
        throw PlanRejection.notUnderstood("the word at byte " + start);
    }
}
