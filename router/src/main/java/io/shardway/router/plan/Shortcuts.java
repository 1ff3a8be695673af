package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.TokenStream;
import org.antlr.v4.runtime.atn.ATN;
import org.antlr.v4.runtime.atn.BasicBlockStartState;
import org.antlr.v4.runtime.atn.DecisionState;
import org.antlr.v4.runtime.misc.IntervalSet;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser;

/**
 * Three of the grammar's decisions, made by a look at the tokens. The parser's own prediction reads
 * on to the end of an operand, and of the statement, with everything it could be: nine tenths of
 * what it learns is for these. What is answered here can only be too hasty, never another reading:
 * each alternative asks for tokens that no other takes, so after a wrong one the parser fails, and
 * the statement is parsed again without this. Immutable; threads may share it.
 */
final class Shortcuts {

    static final int ASK_THE_PARSER = 0;

    private static final int SELECT_PLAIN = 1;
    private static final int NOT_NEGATED = 1;
    private static final int IN_SUBQUERY = 1;
    private static final int IN_LIST = 2;
    private static final int BETWEEN = 3;
    private static final int LIKE = 5;
    private static final int REGEXP = 6;
    private static final int OPERAND_ALONE = 7;

    /** What can stand in an operand; keywords that may be names are added. */
    private static final int[] WITHIN = {
        MySQLStatementLexer.NUMBER_,
        MySQLStatementLexer.SINGLE_QUOTED_TEXT,
        MySQLStatementLexer.DOUBLE_QUOTED_TEXT,
        MySQLStatementLexer.NCHAR_TEXT,
        MySQLStatementLexer.HEX_DIGIT_,
        MySQLStatementLexer.BIT_NUM_,
        MySQLStatementLexer.NULL,
        MySQLStatementLexer.TRUE,
        MySQLStatementLexer.FALSE,
        MySQLStatementLexer.QUESTION_,
        MySQLStatementLexer.AT_,
        MySQLStatementLexer.DOT_,
        MySQLStatementLexer.PLUS_,
        MySQLStatementLexer.MINUS_,
        MySQLStatementLexer.ASTERISK_,
        MySQLStatementLexer.SLASH_,
        MySQLStatementLexer.MOD_,
        MySQLStatementLexer.DIV,
        MySQLStatementLexer.MOD,
        MySQLStatementLexer.CARET_,
        MySQLStatementLexer.TILDE_,
        MySQLStatementLexer.VERTICAL_BAR_,
        MySQLStatementLexer.AMPERSAND_,
        MySQLStatementLexer.SIGNED_LEFT_SHIFT_,
        MySQLStatementLexer.SIGNED_RIGHT_SHIFT_,
        MySQLStatementLexer.NOT,
        MySQLStatementLexer.NOT_,
        MySQLStatementLexer.BINARY,
        MySQLStatementLexer.EXISTS,
        MySQLStatementLexer.INTERVAL,
        MySQLStatementLexer.COLLATE,
        MySQLStatementLexer.OVER,
        MySQLStatementLexer.CURRENT_DATE,
        MySQLStatementLexer.CURRENT_TIME,
        MySQLStatementLexer.CURRENT_TIMESTAMP,
        MySQLStatementLexer.CURRENT_USER,
        MySQLStatementLexer.LOCALTIME,
        MySQLStatementLexer.LOCALTIMESTAMP,
        MySQLStatementLexer.UTC_DATE,
        MySQLStatementLexer.UTC_TIME,
        MySQLStatementLexer.UTC_TIMESTAMP,
        MySQLStatementLexer.UNDERSCORE_CHARSET,
        MySQLStatementLexer.JSON_SEPARATOR,
        MySQLStatementLexer.JSON_UNQUOTED_SEPARATOR
    };

    /** What ends an operand and begins nothing that could still belong to it. */
    private static final int[] BEHIND = {
        Token.EOF,
        MySQLStatementLexer.SEMI_,
        MySQLStatementLexer.COMMA_,
        MySQLStatementLexer.RP_,
        MySQLStatementLexer.AND,
        MySQLStatementLexer.AND_,
        MySQLStatementLexer.OR,
        MySQLStatementLexer.OR_,
        MySQLStatementLexer.XOR,
        MySQLStatementLexer.EQ_,
        MySQLStatementLexer.NEQ_,
        MySQLStatementLexer.SAFE_EQ_,
        MySQLStatementLexer.GT_,
        MySQLStatementLexer.GTE_,
        MySQLStatementLexer.LT_,
        MySQLStatementLexer.LTE_,
        MySQLStatementLexer.IS,
        MySQLStatementLexer.ASSIGNMENT_,
        MySQLStatementLexer.AS,
        MySQLStatementLexer.FROM,
        MySQLStatementLexer.WHERE,
        MySQLStatementLexer.GROUP,
        MySQLStatementLexer.HAVING,
        MySQLStatementLexer.ORDER,
        MySQLStatementLexer.LIMIT,
        MySQLStatementLexer.ASC,
        MySQLStatementLexer.DESC,
        MySQLStatementLexer.WHEN,
        MySQLStatementLexer.THEN,
        MySQLStatementLexer.ELSE,
        MySQLStatementLexer.END,
        MySQLStatementLexer.ON,
        MySQLStatementLexer.JOIN,
        MySQLStatementLexer.INNER,
        MySQLStatementLexer.LEFT,
        MySQLStatementLexer.RIGHT,
        MySQLStatementLexer.UNION,
        MySQLStatementLexer.FOR,
        MySQLStatementLexer.WITH,
        MySQLStatementLexer.EXCEPT,
        MySQLStatementLexer.INTERSECT,
        MySQLStatementLexer.USING,
        MySQLStatementLexer.SEPARATOR,
        MySQLStatementLexer.ROWS,
        MySQLStatementLexer.RANGE,
        MySQLStatementLexer.LOCK
    };

    private static final Shortcuts MYSQL = of(MySQLStatementParser._ATN);

    private final int predicate;
    private final int select;
    private final int expression;
    private final BitSet within;
    private final BitSet behind;

    private Shortcuts(ATN grammar, BitSet within, BitSet behind) {
        this.predicate = decision(grammar, MySQLStatementParser.RULE_predicate, OPERAND_ALONE);
        this.select = decision(grammar, MySQLStatementParser.RULE_select, 3);
        this.expression = decision(grammar, MySQLStatementParser.RULE_expr, 2);
        this.within = within;
        this.behind = behind;
    }

    static Shortcuts ofMySql() {
        return MYSQL;
    }

    /** Whether the decisions stand in the grammar as they are known here. */
    boolean areKnown() {
        return predicate >= 0 && select >= 0 && expression >= 0;
    }

    private static Shortcuts of(ATN grammar) {
        var within = new BitSet();
        IntervalSet names =
                grammar.nextTokens(grammar.ruleToStartState[MySQLStatementParser.RULE_identifier]);
        names.toList().forEach(within::set);
        for (int type : WITHIN) {
            within.set(type);
        }
        var behind = new BitSet();
        for (int type : BEHIND) {
            behind.set(type + 1); // The end is -1.
            within.clear(Math.max(0, type));
        }
        return new Shortcuts(grammar, within, behind);
    }

    private static int decision(ATN grammar, int rule, int alternatives) {
        List<Integer> found = new ArrayList<>();
        for (DecisionState state : grammar.decisionToState) {
            if (state instanceof BasicBlockStartState
                    && state.ruleIndex == rule
                    && state.getNumberOfTransitions() == alternatives) {
                found.add(state.decision);
            }
        }
        return found.size() == 1 ? found.getFirst() : -1;
    }

    /**
     * The alternative to take, or {@link #ASK_THE_PARSER}.
     *
     * @param tokens all of the statement's are in it
     */
    int alternative(int decision, TokenStream tokens) {
        if (decision == predicate) {
            return predicate(tokens);
        }
        if (decision == expression) {
            return expression(tokens.LA(1));
        }
        return decision == select ? select(tokens) : ASK_THE_PARSER;
    }

    private static int expression(int type) {
        boolean isNot = type == MySQLStatementLexer.NOT || type == MySQLStatementLexer.NOT_;
        return isNot ? ASK_THE_PARSER : NOT_NEGATED;
    }

    /** With a parenthesis in front, or INTO anywhere, the others are possible, too. */
    private static int select(TokenStream tokens) {
        boolean parenthesis = tokens.LA(1) == MySQLStatementLexer.LP_;
        for (int at = tokens.index(); !parenthesis && at < tokens.size(); at++) {
            if (tokens.get(at).getType() == MySQLStatementLexer.INTO) {
                return ASK_THE_PARSER;
            }
        }
        return parenthesis ? ASK_THE_PARSER : SELECT_PLAIN;
    }

    private int predicate(TokenStream tokens) {
        int parentheses = 0;
        int cases = 0;
        for (int at = tokens.index(); at < tokens.size(); at++) {
            Token token = tokens.get(at);
            int type = token.getType();
            if (token.getChannel() != Token.DEFAULT_CHANNEL) {
                continue;
            }
            if (type == MySQLStatementLexer.LP_) {
                parentheses++;
            } else if (type == MySQLStatementLexer.RP_ && parentheses > 0) {
                parentheses--;
            } else if (parentheses == 0 && type == MySQLStatementLexer.CASE) {
                cases++;
            } else if (parentheses == 0 && cases > 0 && type == MySQLStatementLexer.END) {
                cases--;
            } else if (parentheses == 0 && cases == 0 && !isWithin(tokens, at)) {
                return decided(tokens, at);
            }
        }
        return ASK_THE_PARSER;
    }

    /** Keywords before a parenthesis are functions, unless it can follow what is behind. */
    private boolean isWithin(TokenStream tokens, int at) {
        int type = tokens.get(at).getType();
        if (type < 0 || within.get(type)) {
            return type >= 0;
        }
        if (at > 0 && tokens.get(at - 1).getType() == MySQLStatementLexer.DOT_) {
            return true;
        }
        boolean isFunction =
                type == MySQLStatementLexer.LEFT
                        || type == MySQLStatementLexer.RIGHT
                        || !behind.get(type + 1) && type != MySQLStatementLexer.IN;
        return isFunction && tokens.get(next(tokens, at)).getType() == MySQLStatementLexer.LP_;
    }

    private int decided(TokenStream tokens, int at) {
        int type = tokens.get(at).getType();
        return switch (type) {
            case MySQLStatementLexer.IN -> in(tokens, at);
            case MySQLStatementLexer.BETWEEN -> BETWEEN;
            case MySQLStatementLexer.LIKE -> LIKE;
            case MySQLStatementLexer.REGEXP, MySQLStatementLexer.RLIKE -> REGEXP;
            default -> behind.get(type + 1) ? OPERAND_ALONE : ASK_THE_PARSER;
        };
    }

    private static int in(TokenStream tokens, int at) {
        int next = next(tokens, at);
        if (tokens.get(next).getType() != MySQLStatementLexer.LP_) {
            return ASK_THE_PARSER;
        }
        return switch (tokens.get(next(tokens, next)).getType()) {
            case MySQLStatementLexer.SELECT, MySQLStatementLexer.WITH -> IN_SUBQUERY;
            case MySQLStatementLexer.LP_, MySQLStatementLexer.TABLE, MySQLStatementLexer.VALUES ->
                    ASK_THE_PARSER;
            default -> IN_LIST;
        };
    }

    private static int next(TokenStream tokens, int at) {
        int next = Math.min(at + 1, tokens.size() - 1);
        while (next < tokens.size() - 1 && tokens.get(next).getChannel() != Token.DEFAULT_CHANNEL) {
            next++;
        }
        return next;
    }
}
