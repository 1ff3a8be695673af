package io.shardway.router.plan;

import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A statement made harmless for the parser: same length, but comments are blanks, strings hold only
 * the letter a, numbers are ones, and double-quoted names have backquotes. So the parser's ideas of
 * comments, escapes and quotes cannot differ from ours. What cannot be made harmless is refused.
 *
 * <p>One char is one byte (ISO 8859-1): offsets of parser tokens are byte offsets. Confined to one
 * call of the planner.
 */
final class ParserText {

    /** The parser's first reading of a deeper nesting takes seconds, and gigabytes far beyond. */
    private static final int NESTING_MAX = 64;

    private final byte[] text;
    private final int from;
    private final int to;
    private final SqlDialect dialect;
    private final Literals literals;
    private final char[] masked;
    private int parameters;
    private int nesting;
    private boolean inExecutable;
    private boolean hasExecutable;
    private List<Token> tokens = List.of();

    private ParserText(byte[] text, int from, int to, SqlDialect dialect, Literals literals) {
        this.text = text;
        this.from = from;
        this.to = to;
        this.dialect = dialect;
        this.literals = literals;
        this.masked = new String(text, from, to - from, StandardCharsets.ISO_8859_1).toCharArray();
    }

    static ParserText of(byte[] text, int from, int to, SqlDialect dialect, Literals literals) {
        var result = new ParserText(text, from, to, dialect, literals);
        result.mask();
        return result;
    }

    String masked() {
        return new String(masked);
    }

    /** Offset of the statement's first byte: token offset + base = byte offset. */
    int base() {
        return from;
    }

    /** Whether the bytes of its strings are UTF-8. */
    boolean isUtf8() {
        return dialect.utf8Text();
    }

    /** As our own lexer cuts them. */
    List<Token> tokens() {
        if (tokens.isEmpty()) {
            tokens = Tokens.of(text, from, to, dialect);
        }
        return tokens;
    }

    /** Whether code stands in a comment. */
    boolean hasExecutable() {
        return hasExecutable;
    }

    /** Parameter markers outside of literals, comments and quoted names. */
    int parameters() {
        return parameters;
    }

    private void mask() {
        int literal = 0;
        int at = from;
        while (at < to) {
            if (literal < literals.count() && literals.start(literal) < at) {
                throw disagreement(at);
            }
            if (literal < literals.count() && literals.start(literal) == at) {
                at = maskLiteral(literal);
                literal++;
            } else {
                at = maskCode(at);
            }
        }
        if (literal < literals.count()) {
            throw disagreement(to);
        }
    }

    private int maskLiteral(int index) {
        int start = literals.start(index);
        int end = literals.end(index);
        if (end <= start || end > to) {
            throw disagreement(start);
        }
        switch (literals.kind(index)) {
            case INTEGER, DECIMAL, FLOAT -> fill(start, end, '1');
            case STRING -> maskString(start, end);
            case OTHER -> maskOther(start, end);
        }
        return end;
    }

    private void maskString(int start, int end) {
        if (end - start < 2) {
            throw disagreement(start);
        }
        fill(start, end, 'a');
        masked[start - from] = '\'';
        masked[end - 1 - from] = '\'';
    }

    /** Hex and bit values stay as they are; behind a prefix only the quoted part is masked. */
    private void maskOther(int start, int end) {
        int quote = start;
        while (quote < end && text[quote] != '\'' && text[quote] != '"') {
            if (text[quote] < 0x20) {
                masked[quote - from] = ' ';
            }
            quote++;
        }
        if (quote == end) {
            return;
        }
        for (int at = quote + 1; at < end - 1; at++) {
            if (Character.digit(text[at], 16) < 0) {
                maskString(quote, end);
                return;
            }
        }
    }

    private int maskCode(int at) {
        int next = at + 1 < to ? text[at + 1] : 0;
        return switch (text[at]) {
            case '`' -> quotedName(at, '`');
            case '"' -> {
                if (!dialect.ansiQuotes()) {
                    throw disagreement(at);
                }
                yield quotedName(at, '"');
            }
            case '\'', '\\' -> throw disagreement(at);
            case '@' -> {
                boolean quoted = next == '\'' || (next == '"' && !dialect.ansiQuotes());
                yield quoted ? nameBehindAt(at + 1) : variableName(at + 1);
            }
            case '#' -> blankLine(at);
            case '-' ->
                    next == '-' && (at + 2 >= to || (text[at + 2] >= 0 && text[at + 2] <= ' '))
                            ? blankLine(at)
                            : at + 1;
            case '/' -> next == '*' ? blankComment(at) : at + 1;
            case '*' -> {
                boolean closes = inExecutable && next == '/';
                if (closes) {
                    inExecutable = false;
                    fill(at, at + 2, ' ');
                }
                yield closes ? at + 2 : at + 1;
            }
            case '|' -> {
                if (next == '|' && dialect.pipesAsConcat()) {
                    throw PlanRejection.notUnderstood(
                            "with PIPES_AS_CONCAT write CONCAT() or OR instead of ||");
                }
                yield at + 1;
            }
            case '?' -> {
                parameters++;
                yield at + 1;
            }
            case '(' -> {
                nesting++;
                if (nesting > NESTING_MAX) {
                    throw PlanRejection.notUnderstood(
                            "more than " + NESTING_MAX + " parentheses within each other");
                }
                yield at + 1;
            }
            case ')' -> {
                nesting--;
                yield at + 1;
            }
            case '\t', '\n', 0x0B, '\f', '\r' -> {
                masked[at - from] = ' ';
                yield at + 1;
            }
            default -> {
                requireOrdinary(at);
                yield at + 1;
            }
        };
    }

    private void requireOrdinary(int at) {
        byte value = text[at];
        if (value >= 0 && value < ' ' || value == 0x7F) {
            throw PlanRejection.notUnderstood("a control character at byte " + (at - from));
        }
        if (value < 0 && !dialect.utf8Text()) {
            throw PlanRejection.notUnderstood(
                    "names outside ASCII need a utf8mb4 connection; SET NAMES utf8mb4");
        }
    }

    private int quotedName(int start, char quote) {
        int at = start + 1;
        while (at < to) {
            if (text[at] == '\\' || text[at] == 0) {
                throw PlanRejection.notUnderstood("a backslash in a quoted name");
            }
            if (quote == '"' && text[at] == '`') {
                throw PlanRejection.notUnderstood("a backquote in a quoted name");
            }
            if (!dialect.utf8Text() && text[at] < 0) {
                requireOrdinary(at);
            }
            if (text[at] == quote) {
                boolean doubled = at + 1 < to && text[at + 1] == quote;
                if (!doubled) {
                    break;
                }
                if (quote == '"') {
                    throw PlanRejection.notUnderstood("a quote in a quoted name");
                }
                at++;
            }
            at++;
        }
        if (at >= to || at == start + 1) {
            throw disagreement(start);
        }
        masked[start - from] = '`';
        masked[at - from] = '`';
        return at + 1;
    }

    /** {@code @'name'} and {@code user@'host'} hold no string: a plain name and a blank here. */
    private int nameBehindAt(int start) {
        int end = start + 1;
        while (end < to && text[end] != text[start]) {
            if (text[end] == '\\') {
                throw disagreement(end);
            }
            requireOrdinary(end);
            end++;
        }
        boolean doubled = end + 1 < to && text[end + 1] == text[start];
        if (end >= to || doubled) {
            throw disagreement(start);
        }
        fill(start, end, 'a');
        masked[end - from] = ' ';
        return end + 1;
    }

    /** {@code @row}: no reserved word, but the parser takes it for one. Not {@code @@row}. */
    private int variableName(int start) {
        boolean system = start - 2 >= from && text[start - 2] == '@';
        int end = start;
        while (!system && end < to && isOfVariable(text[end])) {
            requireOrdinary(end);
            end++;
        }
        fill(start, end, 'a');
        return end;
    }

    private static boolean isOfVariable(byte value) {
        return value < 0
                || value == '.'
                || value == '_'
                || value == '$'
                || Character.isLetterOrDigit(value);
    }

    /** MySQL ends such a comment at a line feed only. */
    private int blankLine(int start) {
        int end = start;
        while (end < to && text[end] != '\n') {
            end++;
        }
        fill(start, end, ' ');
        return end;
    }

    private int blankComment(int start) {
        if (start + 2 < to && text[start + 2] == '!') {
            return executableComment(start);
        }
        int end = start + 2;
        while (end + 1 < to && !(text[end] == '*' && text[end + 1] == '/')) {
            end++;
        }
        if (end + 1 >= to) {
            throw PlanRejection.notUnderstood("a comment without an end");
        }
        String body =
                new String(text, start + 2, end - start - 2, StandardCharsets.ISO_8859_1)
                        .toUpperCase(Locale.ROOT);
        if (body.startsWith("+")) {
            requireHarmlessHint(body);
        }
        fill(start, end + 2, ' ');
        return end + 2;
    }

    /**
     * Of a comment such as {@code /*!40001 SQL_NO_CACHE} only the marks are blanked: its code
     * counts for this server. It ends where our lexer ends it.
     */
    private int executableComment(int start) {
        int digits = 0;
        int version = 0;
        while (digits < 6
                && start + 3 + digits < to
                && text[start + 3 + digits] >= '0'
                && text[start + 3 + digits] <= '9') {
            version = version * 10 + text[start + 3 + digits] - '0';
            digits++;
        }
        if (inExecutable || digits == 5 && version > dialect.serverVersion() || digits == 6) {
            throw PlanRejection.notUnderstood(
                    "a comment that holds code for other versions, /*!NNNNN ... */; leave it out");
        }
        int marks = digits < 5 ? 3 : 3 + digits;
        inExecutable = true;
        hasExecutable = true;
        fill(start, start + marks, ' ');
        return start + marks;
    }

    private static void requireHarmlessHint(String body) {
        if (body.contains("SET_VAR") || body.contains("RESOURCE_GROUP")) {
            throw PlanRejection.notOffered("the optimizer hints SET_VAR and RESOURCE_GROUP");
        }
        if (body.indexOf('\'') >= 0 || body.indexOf('"') >= 0 || body.indexOf('`') >= 0) {
            throw PlanRejection.notUnderstood("a quote in an optimizer hint");
        }
    }

    private void fill(int start, int end, char with) {
        Arrays.fill(masked, start - from, end - from, with);
    }

    private PlanRejection disagreement(int at) {
        return PlanRejection.notUnderstood("unexpected character at byte " + (at - from));
    }

    /** The literal that begins at a token, or -1. */
    int literalAt(int tokenStart, int tokenStop) {
        int low = 0;
        int high = literals.count() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int start = literals.start(middle) - from;
            if (start == tokenStart) {
                return literals.end(middle) - from == tokenStop + 1 ? middle : -1;
            }
            if (start < tokenStart) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    Literals literals() {
        return literals;
    }

    boolean isString(int literal) {
        return literals.kind(literal) == LiteralKind.STRING;
    }
}
