package io.shardway.router.sql;

/**
 * Decides, token by token, whether a literal's value belongs to the statement's shape. Reusable,
 * confined to its lexer's thread. In doubt the value is kept: that costs a plan more, never a wrong
 * plan. Kept are
 *
 * <ul>
 *   <li>numbers in LIMIT and OFFSET, integers that may be ordinals of ORDER BY or GROUP BY;
 *   <li>strings that may be a name: an alias (with or without AS), a collation or charset;
 *   <li>everything in the select list of a subquery, where it names a column;
 *   <li>everything in statements that are not about rows (SET NAMES, COMMENT, ...), but not what a
 *       user variable is set to.
 * </ul>
 */
final class LiteralContext {

    /** Deeper nesting is not well-formed; MySQL itself gives up for lack of stack. */
    static final int DEPTH_MAX = 1000;

    // What stands before the next token.
    private static final int NOTHING = 0;
    private static final int OPEN = 1;
    private static final int COMMA = 2;
    private static final int OPERATOR = 3;
    private static final int SIGN = 4;
    private static final int VALUE_WORD = 5;
    private static final int LIMIT_WORD = 6;
    private static final int BY_WORD = 7;
    private static final int OPERAND = 8;
    private static final int USER_VARIABLE = 9;
    private static final int ASSIGNMENT = 10;

    // What the innermost parentheses hold at this point.
    private static final byte ORDINARY = 0;
    private static final byte SELECT_LIST = 1;
    private static final byte WITHIN_SELECT_LIST = 2;
    private static final byte LIMIT = 3;
    private static final byte ORDINALS = 4;

    private final byte[] clauses = new byte[DEPTH_MAX + 1];
    private int depth;
    private int before;
    private boolean keepAll;

    void reset() {
        depth = 0;
        clauses[0] = ORDINARY;
        before = NOTHING;
        keepAll = true;
    }

    /** False if it is nested too deeply. */
    boolean open() {
        if (before == NOTHING) {
            keepAll = false;
        }
        if (depth == DEPTH_MAX) {
            return false;
        }
        byte outer = clauses[depth];
        depth++;
        clauses[depth] = ORDINARY;
        if (outer == SELECT_LIST || outer == WITHIN_SELECT_LIST) {
            clauses[depth] = WITHIN_SELECT_LIST;
        } else if (outer == ORDINALS && mayHoldOrdinal()) {
            clauses[depth] = ORDINALS;
        }
        before = OPEN;
        return true;
    }

    void close() {
        if (depth > 0) {
            depth--;
        }
        before = OPERAND;
    }

    void comma() {
        before = COMMA;
    }

    void operator(byte[] text, int start, int end) {
        byte last = text[end - 1];
        if (before == USER_VARIABLE && last == '=') {
            before = ASSIGNMENT;
        } else if (end - start == 1 && (last == '+' || last == '-')) {
            before = mayHoldOrdinal() ? SIGN : OPERATOR;
        } else {
            before = last == '}' || last == ']' ? OPERAND : OPERATOR;
        }
    }

    /**
     * @param afterPoint a name whatever it says
     */
    void word(byte[] text, int start, int end, boolean afterPoint) {
        int flags = afterPoint ? 0 : Keywords.flagsOf(text, start, end);
        if (before == NOTHING) {
            keepAll = (flags & Keywords.STATEMENT_OF_VALUES) == 0;
        }
        before = OPERAND;
        if (flags == 0) {
            return;
        }
        if ((flags & Keywords.VALUE_FOLLOWS) != 0) {
            before = VALUE_WORD;
        }
        byte clause = clauses[depth];
        if ((flags & Keywords.SELECT) != 0) {
            clauses[depth] = depth > 0 ? SELECT_LIST : ORDINARY;
        } else if (clause == WITHIN_SELECT_LIST) {
            return;
        } else if ((flags & Keywords.LIMIT) != 0) {
            clauses[depth] = LIMIT;
            before = LIMIT_WORD;
        } else if ((flags & Keywords.BY) != 0) {
            clauses[depth] = ORDINALS;
            before = BY_WORD;
        } else if ((flags & (Keywords.FROM | Keywords.CLAUSE)) != 0) {
            clauses[depth] = ORDINARY;
        }
    }

    void operand() {
        before = OPERAND;
    }

    void userVariable() {
        before = USER_VARIABLE;
    }

    /** Whether the digest keeps this literal as written. */
    boolean literal(LiteralKind kind, boolean quoted) {
        int previous = before;
        before = OPERAND;
        byte clause = clauses[depth];
        if (keepAll) {
            return previous != ASSIGNMENT;
        }
        if (clause == SELECT_LIST || clause == WITHIN_SELECT_LIST) {
            return true;
        }
        if (quoted) {
            return previous == OPERAND || previous == USER_VARIABLE || previous == LIMIT_WORD;
        }
        if (previous == LIMIT_WORD) {
            return true;
        }
        return switch (clause) {
            case LIMIT -> previous == COMMA;
            case ORDINALS -> kind == LiteralKind.INTEGER && isOrdinalAfter(previous);
            default -> false;
        };
    }

    private boolean mayHoldOrdinal() {
        return isOrdinalAfter(before);
    }

    private static boolean isOrdinalAfter(int previous) {
        return previous == BY_WORD || previous == COMMA || previous == OPEN || previous == SIGN;
    }
}
