package io.shardway.router.plan;

import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.TextEncoding;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes a string literal stands for: escapes resolved, adjacent strings joined. Stateless. */
public final class LiteralText {

    private LiteralText() {}

    /** Empty if the literal is no plain string. */
    public static Optional<byte[]> of(Literals literals, int index) {
        if (literals.kind(index) != LiteralKind.STRING) {
            return Optional.empty();
        }
        byte[] text = literals.text();
        int end = literals.end(index);
        var result = new ByteArrayOutputStream(end - literals.start(index));
        int at = literals.start(index);
        while (at < end) {
            byte quote = text[at];
            if (quote != '\'' && quote != '"') {
                if (quote < 0 || quote > ' ') {
                    return Optional.empty(); // A comment between adjacent strings.
                }
                at++;
                continue;
            }
            at = part(literals, at, end, result);
            if (at < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(result.toByteArray());
    }

    static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** One quoted part; returns the offset behind it, or -1 if it has no end. */
    private static int part(Literals literals, int start, int end, ByteArrayOutputStream into) {
        byte[] text = literals.text();
        boolean escapes = !literals.dialect().noBackslashEscapes();
        TextEncoding encoding = literals.dialect().encoding();
        byte quote = text[start];
        int at = start + 1;
        while (at < end) {
            byte value = text[at];
            if (value < 0) {
                int bytes = encoding.bytesOf(text, at, end);
                into.write(text, at, bytes);
                at += bytes;
            } else if (value == quote) {
                boolean doubled = at + 1 < end && text[at + 1] == quote;
                if (!doubled) {
                    return at + 1;
                }
                into.write(quote);
                at += 2;
            } else if (value == '\\' && escapes) {
                if (at + 1 >= end) {
                    return -1;
                }
                escape(text[at + 1], into);
                at += 2;
            } else {
                into.write(value);
                at++;
            }
        }
        return -1;
    }

    /** As in the MySQL manual, "String Literals": {@code \%} and {@code \_} keep the backslash. */
    private static void escape(byte escaped, ByteArrayOutputStream into) {
        switch (escaped) {
            case '0' -> into.write(0);
            case 'b' -> into.write('\b');
            case 'n' -> into.write('\n');
            case 'r' -> into.write('\r');
            case 't' -> into.write('\t');
            case 'Z' -> into.write(26);
            case '%', '_' -> {
                into.write('\\');
                into.write(escaped);
            }
            default -> into.write(escaped);
        }
    }
}
