package io.shardway.router.plan;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** One parameter: Long, Unsigned, Double, BigDecimal, char[] as text, byte[] or NULL. */
record Parameters(Object value, boolean unicodeValues) implements ParameterValues {

    Parameters(Object value) {
        this(value, true);
    }

    record Unsigned(long bits) {}

    static final Object NULL = new Object();

    @Override
    public Kind kind(int index) {
        return switch (value) {
            case Long _ -> Kind.SIGNED;
            case Unsigned _ -> Kind.UNSIGNED;
            case Double _ -> Kind.FLOATING;
            case BigDecimal _ -> Kind.DECIMAL;
            case char[] _ -> Kind.TEXT;
            case byte[] _ -> Kind.BYTES;
            default -> Kind.NULL;
        };
    }

    @Override
    public long integer(int index) {
        return value instanceof Unsigned(long bits) ? bits : (Long) value;
    }

    @Override
    public double floating(int index) {
        return (Double) value;
    }

    @Override
    public byte[] bytes(int index) {
        return switch (value) {
            case char[] text -> new String(text).getBytes(StandardCharsets.UTF_8);
            case byte[] bytes -> bytes;
            default -> value.toString().getBytes(StandardCharsets.US_ASCII);
        };
    }
}
