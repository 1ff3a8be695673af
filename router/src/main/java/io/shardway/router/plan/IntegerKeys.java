package io.shardway.router.plan;

import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Literals;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Exact spellings of integer keys. MySQL compares an integer column with text or floating values by
 * way of doubles in some places, so those count only below 2^53, where a double is exact and no
 * neighbour rounds to it. Stateless.
 */
final class IntegerKeys {

    private static final BigInteger EXACT_MAX =
            BigInteger.ONE.shiftLeft(53).subtract(BigInteger.ONE);
    private static final Pattern DECIMAL = Pattern.compile("(-?)(\\d*)(?:\\.(\\d*))?");
    private static final Pattern CANONICAL = Pattern.compile("0|-?[1-9]\\d{0,19}");

    /** What MySQL's DECIMAL holds exactly. */
    private static final int DIGITS_MAX = 65;

    private IntegerKeys() {}

    /** The greatest value of the column, as far as a long can tell. */
    static long max(KeyType.Integer type) {
        int bits = 8 * type.bytes() - (type.unsigned() ? 0 : 1);
        return bits >= 63 ? Long.MAX_VALUE : (1L << bits) - 1;
    }

    private static BigInteger maximum(KeyType.Integer type) {
        int bits = 8 * type.bytes() - (type.unsigned() ? 0 : 1);
        return BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
    }

    private static BigInteger minimum(KeyType.Integer type) {
        return type.unsigned()
                ? BigInteger.ZERO
                : BigInteger.ONE.shiftLeft(8 * type.bytes() - 1).negate();
    }

    static Optional<byte[]> keyOf(
            KeyType.Integer type,
            Pin.Use use,
            ValueRef value,
            Literals literals,
            ParameterValues parameters) {
        Optional<BigInteger> number = number(use, value, literals, parameters);
        if (number.isEmpty()) {
            if (use != Pin.Use.COMPARED) {
                throw KeyResolver.notExact("the value is NULL");
            }
            return Optional.empty();
        }
        BigInteger key = number.get();
        boolean inRange = isInRange(type, key);
        if (!inRange && use != Pin.Use.COMPARED) {
            throw outOfRange();
        }
        boolean draws = use == Pin.Use.STORED_OR_DRAWN || use == Pin.Use.STORED_AND_COMPARED;
        if (draws && key.signum() == 0) {
            throw KeyResolver.notExact("0 can make MySQL draw an id");
        }
        return inRange
                ? Optional.of(key.toString().getBytes(StandardCharsets.US_ASCII))
                : Optional.empty();
    }

    /** The canonical bytes of a field of a file. */
    static byte[] ofFile(KeyType.Integer type, byte[] field) {
        BigInteger number = canonical(Pin.Use.STORED, field);
        if (!isInRange(type, number)) {
            throw outOfRange();
        }
        return number.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The number an AUTO_INCREMENT column would be given; empty for NULL. */
    static Optional<BigInteger> given(
            KeyType.Integer type,
            Pin.Use use,
            ValueRef value,
            Literals literals,
            ParameterValues parameters) {
        Optional<BigInteger> number = number(use, value, literals, parameters);
        if (number.isPresent() && !isInRange(type, number.get())) {
            throw outOfRange();
        }
        return number;
    }

    private static boolean isInRange(KeyType.Integer type, BigInteger key) {
        return key.compareTo(minimum(type)) >= 0 && key.compareTo(maximum(type)) <= 0;
    }

    private static ShardwayException outOfRange() {
        return KeyResolver.notExact("the value is out of the column's range");
    }

    /** Empty for NULL. */
    static Optional<BigInteger> number(
            Pin.Use use, ValueRef value, Literals literals, ParameterValues parameters) {
        return switch (value) {
            case ValueRef.Literal(int index, boolean negated) ->
                    Optional.of(ofLiteral(use, literals, index, negated));
            case ValueRef.Parameter(int index) -> ofParameter(use, parameters, index);
        };
    }

    private static BigInteger ofLiteral(
            Pin.Use use, Literals literals, int index, boolean negated) {
        return switch (literals.kind(index)) {
            case INTEGER, DECIMAL -> {
                int start = literals.start(index);
                String text =
                        new String(
                                literals.text(),
                                start,
                                literals.end(index) - start,
                                StandardCharsets.ISO_8859_1);
                BigInteger number = whole(text);
                yield negated ? number.negate() : number;
            }
            case STRING -> {
                if (negated) {
                    throw KeyResolver.notExact("a minus before text");
                }
                byte[] text =
                        LiteralText.of(literals, index)
                                .orElseThrow(() -> KeyResolver.notExact("text"));
                yield canonical(use, text);
            }
            case FLOAT -> throw KeyResolver.notExact("a floating point number");
            case OTHER -> throw KeyResolver.notExact("a hex, bit or introduced literal");
        };
    }

    private static Optional<BigInteger> ofParameter(
            Pin.Use use, ParameterValues parameters, int index) {
        return switch (parameters.kind(index)) {
            case NULL -> Optional.empty();
            case SIGNED -> Optional.of(BigInteger.valueOf(parameters.integer(index)));
            case UNSIGNED ->
                    Optional.of(new BigInteger(Long.toUnsignedString(parameters.integer(index))));
            case FLOATING -> Optional.of(integral(parameters.floating(index)));
            case DECIMAL ->
                    Optional.of(
                            whole(
                                    new String(
                                            parameters.bytes(index), StandardCharsets.ISO_8859_1)));
            case TEXT -> Optional.of(canonical(use, parameters.bytes(index)));
            case BYTES, OTHER -> throw KeyResolver.notExact("the parameter's type");
        };
    }

    /** Decimal text without a fraction, or with zeros only. */
    private static BigInteger whole(String text) {
        Matcher matcher = DECIMAL.matcher(text);
        if (text.length() > DIGITS_MAX || !matcher.matches()) {
            throw KeyResolver.notExact("no whole number");
        }
        String digits = matcher.group(2);
        String fraction = matcher.group(3) == null ? "" : matcher.group(3);
        boolean whole =
                fraction.chars().allMatch(digit -> digit == '0')
                        && !(digits.isEmpty() && fraction.isEmpty());
        if (!whole) {
            throw KeyResolver.notExact("no whole number");
        }
        return new BigInteger(matcher.group(1) + (digits.isEmpty() ? "0" : digits));
    }

    private static BigInteger canonical(Pin.Use use, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!CANONICAL.matcher(text).matches()) {
            throw KeyResolver.notExact("text that is no plain integer");
        }
        var number = new BigInteger(text);
        boolean compared = use == Pin.Use.COMPARED || use == Pin.Use.STORED_AND_COMPARED;
        if (compared && number.abs().compareTo(EXACT_MAX) > 0) {
            throw KeyResolver.notExact("text of 2^53 or more; write it without quotes");
        }
        return number;
    }

    private static BigInteger integral(double number) {
        if (number != Math.rint(number) || Math.abs(number) > EXACT_MAX.doubleValue()) {
            throw KeyResolver.notExact("a floating point number");
        }
        return BigInteger.valueOf((long) number);
    }
}
