package io.shardway.router.sql;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * The rows of an INSERT or REPLACE with VALUES, if all are of one width and hold plain values only:
 * literals, signed or not, parameters, NULL, DEFAULT, TRUE, FALSE. Eight bytes for each value.
 * Immutable; threads may share it.
 */
public final class ValueRows {

    /** A value that is no literal, negated or not, no parameter and not {@link #NONE}. */
    public static final int OTHER = -1;

    /** NULL or DEFAULT. */
    public static final int NONE = -2;

    private final byte[] text;
    private final int from;
    private final int to;
    private final int width;
    private final int rows;
    private final int[] values;
    private final int[] tokens;
    private final int[] firsts;
    private final int[] parameters;
    private final int[] ends;

    private ValueRows(Reader read) {
        this.text = read.text;
        this.from = read.from;
        this.to = read.to;
        this.width = read.width;
        this.rows = read.rows;
        this.values = read.values.toArray();
        this.tokens = read.tokens.toArray();
        this.firsts = read.firsts.toArray();
        this.parameters = read.parameters.toArray();
        this.ends = read.ends.toArray();
    }

    /**
     * Of the first statement of text[from,to).
     *
     * @return empty for other statements, and for other rows
     */
    public static Optional<ValueRows> of(byte[] text, int from, int to, SqlDialect dialect) {
        var reader = new Reader(text, from, to, dialect);
        return reader.read() ? Optional.of(new ValueRows(reader)) : Optional.empty();
    }

    public int count() {
        return rows;
    }

    /** How many values each row has. */
    public int width() {
        return width;
    }

    /** The opening parenthesis of a row, as {@link Tokens} counts. */
    public int firstToken(int row) {
        return firsts[2 * row];
    }

    /** The closing parenthesis of a row. */
    public int lastToken(int row) {
        return firsts[2 * row + 1];
    }

    /** How many parameters stand before a row; of the number of rows, before the last one's end. */
    public int parametersBefore(int row) {
        return parameters[row];
    }

    /**
     * What a row has at a position: {@link #OTHER}, {@link #NONE}, or a number for {@link
     * #isParameter}, {@link #isNegated} and {@link #index}.
     */
    public int value(int row, int position) {
        return values[row * width + position];
    }

    /** The first token of a value. */
    public int token(int row, int position) {
        return tokens[row * width + position];
    }

    /** How many tokens a value has: a sign is one. */
    public int tokensOf(int row, int position) {
        int end = position + 1 < width ? token(row, position + 1) - 1 : lastToken(row);
        return end - token(row, position);
    }

    /** How many parameters stand before a value. */
    public int parametersBefore(int row, int position) {
        int before = parametersBefore(row);
        for (int each = 0; each < position; each++) {
            int value = value(row, each);
            before += value >= 0 && isParameter(value) ? 1 : 0;
        }
        return before;
    }

    public static boolean isParameter(int value) {
        return (value & 2) != 0;
    }

    /** Whether a minus sign stands before the literal. */
    public static boolean isNegated(int value) {
        return (value & 1) != 0;
    }

    /** Of the literal or the parameter, as {@link Literals} and parameters are counted. */
    public static int index(int value) {
        return value >> 2;
    }

    /** The statement with its first rows only. */
    public byte[] withFirst(int count) {
        var out = new ByteArrayOutputStream();
        int end = ends[count - 1];
        out.write(text, from, end - from);
        int last = ends[rows - 1];
        out.write(text, last, to - last);
        return out.toByteArray();
    }

    /** Reads once from the front to the end of the last row. Confined to one call. */
    private static final class Reader {

        private final byte[] text;
        private final int from;
        private final int to;
        private final Scanner scanner = new Scanner();
        private final Ints values = new Ints();
        private final Ints tokens = new Ints();
        private final Ints firsts = new Ints();
        private final Ints parameters = new Ints();
        private final Ints ends = new Ints();
        private int token = -1;
        private int kind;
        private int literals;
        private int parametersRead;
        private int width = -1;
        private int rows;

        private Reader(byte[] text, int from, int to, SqlDialect dialect) {
            this.text = text;
            this.from = from;
            this.to = to;
            scanner.start(text, from, to, dialect);
        }

        private boolean read() {
            next();
            if (!isWord("insert") && !isWord("replace") || !findValues()) {
                return false;
            }
            do {
                if (!row()) {
                    return false;
                }
                next();
            } while (isOperator(',') && next() > Scanner.SEMICOLON);
            parameters.add(parametersRead);
            return true;
        }

        /** Goes to the first parenthesis behind VALUES that stands where rows can follow. */
        private boolean findValues() {
            int depth = 0;
            boolean nameBefore = false;
            while (next() > Scanner.SEMICOLON) {
                if (depth == 0 && nameBefore && (isWord("values") || isWord("value"))) {
                    return next() > Scanner.SEMICOLON && isOperator('(');
                }
                depth += isOperator('(') ? 1 : isOperator(')') ? -1 : 0;
                nameBefore =
                        kind == Scanner.WORD
                                || kind == Scanner.QUOTED_IDENTIFIER
                                || isOperator(')');
                if (isWord("select") || isWord("set") || kind == Scanner.LITERAL) {
                    return false;
                }
            }
            return false;
        }

        private boolean row() {
            if (!isOperator('(')) {
                return false;
            }
            firsts.add(token);
            parameters.add(parametersRead);
            int count = 0;
            do {
                if (!value()) {
                    return false;
                }
                count++;
            } while (isOperator(','));
            if (!isOperator(')') || width >= 0 && count != width) {
                return false;
            }
            width = count;
            rows++;
            firsts.add(token);
            ends.add(scanner.end);
            return true;
        }

        /** Reads a value and what stands behind it. */
        private boolean value() {
            next();
            tokens.add(token);
            boolean negated = isOperator('-');
            boolean signed = negated || isOperator('+');
            if (signed) {
                next();
            }
            switch (kind) {
                case Scanner.LITERAL -> {
                    boolean plus = signed && !negated;
                    values.add(plus ? OTHER : literals - 1 << 2 | (negated ? 1 : 0));
                }
                case Scanner.PARAMETER -> values.add(signed ? OTHER : parametersRead - 1 << 2 | 2);
                case Scanner.WORD -> {
                    boolean none = isWord("null") || isWord("default");
                    if (signed || !none && !isWord("true") && !isWord("false")) {
                        return false;
                    }
                    values.add(none ? NONE : OTHER);
                }
                default -> {
                    return false;
                }
            }
            next();
            return true;
        }

        private int next() {
            kind = scanner.next();
            token++;
            literals += kind == Scanner.LITERAL ? 1 : 0;
            parametersRead += kind == Scanner.PARAMETER ? 1 : 0;
            return kind;
        }

        private boolean isOperator(char operator) {
            return kind == Scanner.OPERATOR
                    && scanner.end - scanner.start == 1
                    && text[scanner.start] == operator;
        }

        private boolean isWord(String word) {
            if (kind != Scanner.WORD || scanner.end - scanner.start != word.length()) {
                return false;
            }
            for (int at = 0; at < word.length(); at++) {
                if ((text[scanner.start + at] | 0x20) != word.charAt(at)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Numbers, as many as come. Confined to one thread. */
    private static final class Ints {
        private int[] numbers = new int[64];
        private int count;

        private void add(int number) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = number;
        }

        private int[] toArray() {
            return Arrays.copyOf(numbers, count);
        }
    }
}
