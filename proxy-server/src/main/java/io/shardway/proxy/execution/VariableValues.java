package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.sql.Charsets;
import io.shardway.router.sql.TextEncoding;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** User variables of a session as the values of an execution. Immutable. */
record VariableValues(SettingsProfile profile, List<String> names) implements ParameterValues {

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern UNSIGNED = Pattern.compile("CAST\\(([0-9]+) AS UNSIGNED\\)");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]*\\.[0-9]*");

    /** As {@link UserVariables} writes them. */
    private static final Pattern TEXT = Pattern.compile("_(\\w+) X'([0-9A-F]*)'.*");

    private static final int DIGITS_OF_A_LONG = 18;

    VariableValues {
        names = List.copyOf(names);
    }

    /** The text that PREPARE reads from a variable; empty if it cannot be read here. */
    static Optional<byte[]> text(SettingsProfile profile, String variable) {
        String literal = profile.literal("@" + variable).orElse("NULL");
        Matcher text = TEXT.matcher(literal);
        if (!text.matches()) {
            return Optional.of(number(literal).getBytes(US_ASCII));
        }
        byte[] bytes = HexFormat.of().parseHex(text.group(2));
        boolean readable =
                isAscii(bytes) || (isUtf8(text.group(1)) && profile.dialect().unicodeValues());
        return readable ? Optional.of(bytes) : Optional.empty();
    }

    static boolean isAscii(byte[] bytes) {
        for (byte each : bytes) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUtf8(String charset) {
        return Charsets.encodingOf(charset) == TextEncoding.UTF8;
    }

    private String literal(int index) {
        return profile.literal("@" + names.get(index)).map(VariableValues::number).orElse("");
    }

    /** Without what keeps a number unsigned; other literals as they are. */
    private static String number(String literal) {
        Matcher unsigned = UNSIGNED.matcher(literal);
        return unsigned.matches() ? unsigned.group(1) : literal;
    }

    @Override
    public Kind kind(int index) {
        String literal = literal(index);
        if (literal.isEmpty()) {
            return Kind.NULL;
        }
        if (INTEGER.matcher(literal).matches()) {
            boolean small = literal.length() <= DIGITS_OF_A_LONG || literal.startsWith("-");
            return small || Long.parseUnsignedLong(literal) >= 0 ? Kind.SIGNED : Kind.UNSIGNED;
        }
        if (DECIMAL.matcher(literal).matches()) {
            return Kind.DECIMAL;
        }
        Matcher text = TEXT.matcher(literal);
        if (!text.matches()) {
            return Kind.OTHER;
        }
        String charset = text.group(1);
        if (charset.equals("binary")) {
            return Kind.BYTES;
        }
        boolean readable =
                isUtf8(charset) || (!Charsets.isUnreadable(charset) && isAscii(bytes(index)));
        return readable ? Kind.TEXT : Kind.OTHER;
    }

    @Override
    public long integer(int index) {
        String literal = literal(index);
        return literal.startsWith("-") ? Long.parseLong(literal) : Long.parseUnsignedLong(literal);
    }

    @Override
    public double floating(int index) {
        return Double.parseDouble(literal(index));
    }

    @Override
    public byte[] bytes(int index) {
        String literal = literal(index);
        Matcher text = TEXT.matcher(literal);
        if (text.matches()) {
            return HexFormat.of().parseHex(text.group(2));
        }
        return (literal.endsWith(".") ? literal.substring(0, literal.length() - 1) : literal)
                .getBytes(US_ASCII);
    }

    /** A variable has a character set of its own, whatever the connection's is. */
    @Override
    public boolean unicodeValues() {
        return true;
    }
}
