package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.FileLoad;
import io.shardway.router.plan.LiteralText;
import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How a client's file is cut into records and fields (MySQL manual, "LOAD DATA Statement", "Field
 * and Line Handling"). Immutable; its arrays must not be written to.
 *
 * @param enclosed a byte, or {@link #NONE}
 * @param escaped a byte, or {@link #NONE}
 * @param ignoredLines at the beginning of the file
 */
record FileFormat(
        byte[] fieldEnd,
        byte[] lineStart,
        byte[] lineEnd,
        int enclosed,
        int escaped,
        long ignoredLines) {

    /** No byte is this one. */
    static final int NONE = -2;

    static FileFormat of(FileLoad.Clauses clauses, Literals literals) {
        var format =
                new FileFormat(
                        text(clauses.fieldsTerminated(), literals, "\t"),
                        text(clauses.linesStarting(), literals, ""),
                        text(clauses.linesTerminated(), literals, "\n"),
                        one(clauses.enclosed(), literals, ""),
                        one(clauses.escaped(), literals, "\\"),
                        number(clauses.ignoredLines(), literals));
        if (format.fieldEnd().length == 0 || format.lineEnd().length == 0) {
            throw refused("fields or lines without TERMINATED BY");
        }
        if (Arrays.equals(format.fieldEnd(), format.lineEnd())) {
            throw refused("fields and lines that end in the same way");
        }
        return format;
    }

    /** Whether a number is read as itself where a field stands. */
    boolean takesNumbers() {
        byte first = fieldEnd[0];
        return !isDigit(first)
                && !isDigit(lineEnd[0])
                && !isDigit(enclosed)
                && !isDigit(escaped)
                && first != escaped
                && first != enclosed;
    }

    private static boolean isDigit(int value) {
        return value >= '0' && value <= '9';
    }

    private static ShardwayException refused(String what) {
        return new ShardwayException(ErrorCode.NOT_OFFERED, "LOAD DATA of " + what);
    }

    private static int one(OptionalInt literal, Literals literals, String otherwise) {
        byte[] text = text(literal, literals, otherwise);
        if (text.length > 1) {
            throw refused("fields ENCLOSED or ESCAPED BY more than one character");
        }
        return text.length == 0 ? NONE : text[0];
    }

    private static long number(OptionalInt literal, Literals literals) {
        if (literal.isEmpty()) {
            return 0;
        }
        int index = literal.getAsInt();
        String digits = written(literals, index);
        if (literals.kind(index) != LiteralKind.INTEGER || digits.length() > 18) {
            throw refused("IGNORE " + digits + " LINES");
        }
        return Long.parseLong(digits);
    }

    private static byte[] text(OptionalInt literal, Literals literals, String otherwise) {
        if (literal.isEmpty()) {
            return otherwise.getBytes(ISO_8859_1);
        }
        byte[] text = bytes(literals, literal.getAsInt());
        for (byte each : text) {
            if (each < 0) {
                throw refused("separators outside ASCII");
            }
        }
        return text;
    }

    /** A string, or a number in hexadecimal. */
    private static byte[] bytes(Literals literals, int index) {
        return LiteralText.of(literals, index)
                .orElseGet(() -> {
                    String hex = written(literals, index).toLowerCase(Locale.ROOT);
                    if (hex.matches("0x([0-9a-f]{2})+")) {
                        return HexFormat.of().parseHex(hex.substring(2));
                    }
                    if (hex.matches("x'([0-9a-f]{2})*'")) {
                        return HexFormat.of().parseHex(hex.substring(2, hex.length() - 1));
                    }
                    throw refused("separators that are no plain texts");
                });
    }

    private static String written(Literals literals, int index) {
        int start = literals.start(index);
        return new String(literals.text(), start, literals.end(index) - start, ISO_8859_1);
    }
}
