package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Turns the pin of a plan and the values of one execution into a bucket. Only exact spellings of a
 * key pass; the rules and what MySQL does with the others are in DESIGN.md. Stateless; thread-safe.
 */
public final class KeyResolver {

    /** No row can match, so any shard gives the right answer. */
    public static final int ANY = -1;

    private static final byte[] NONE = new byte[0];

    private KeyResolver() {}

    /**
     * The number of the bucket, or {@link #ANY}.
     *
     * @throws ShardwayException KEY_NOT_EXACT or DIFFERENT_KEYS
     */
    public static int bucketOf(Pin pin, Literals literals, ParameterValues parameters) {
        List<ValueRef> values = pin.values();
        if (values.size() == 1 && pin.type() instanceof KeyType.Integer type) {
            int fast = fastBucket(type, values.getFirst(), literals, parameters);
            if (fast >= 0) {
                return fast;
            }
        }
        byte[] common = NONE;
        for (ValueRef value : values) {
            if (value instanceof ValueRef.Parameter && parameters == ParameterValues.NONE) {
                // A parameter marker in the text protocol: every MySQL answers with 1064.
                return ANY;
            }
            Optional<byte[]> key = keyOf(pin, value, literals, parameters);
            if (key.isEmpty()) {
                continue;
            }
            if (common != NONE && !Arrays.equals(common, key.get())) {
                throw new ShardwayException(ErrorCode.DIFFERENT_KEYS, "");
            }
            common = key.get();
        }
        return common == NONE ? ANY : Bucket.numberOf(common, 0, common.length);
    }

    /**
     * What the values say of an AUTO_INCREMENT key.
     *
     * @param zeroDraws without the SQL mode NO_AUTO_VALUE_ON_ZERO
     * @throws ShardwayException KEY_NOT_EXACT, DIFFERENT_KEYS or SEVERAL_DRAWN_KEYS
     */
    public static RowKey rowKey(
            DrawnKey key, Literals literals, ParameterValues parameters, boolean zeroDraws) {
        return switch (key.source()) {
            case KeySource.LeftOut _ -> new RowKey.Drawn();
            case KeySource.Given given ->
                    givenKey(key.type(), given, literals, parameters, zeroDraws);
        };
    }

    /**
     * What the values say of the AUTO_INCREMENT key of one of several rows.
     *
     * @param value empty where it is drawn in any case
     * @throws ShardwayException KEY_NOT_EXACT
     */
    public static RowKey rowKey(
            KeyType.Integer type,
            Optional<ValueRef> value,
            Literals literals,
            ParameterValues parameters,
            boolean zeroDraws) {
        if (value.isEmpty()) {
            return new RowKey.Drawn();
        }
        if (value.get() instanceof ValueRef.Parameter && parameters == ParameterValues.NONE) {
            return new RowKey.Unknown();
        }
        Optional<BigInteger> number =
                IntegerKeys.given(type, Pin.Use.STORED_OR_DRAWN, value.get(), literals, parameters);
        return number.isEmpty() || (zeroDraws && number.get().signum() == 0)
                ? new RowKey.Drawn()
                : given(number.get());
    }

    /**
     * What the values say of the AUTO_INCREMENT column of one of several rows, if it is not the
     * shard key.
     *
     * @param value empty where it is drawn in any case
     * @return empty where only MySQL can tell, of values that it converts
     */
    public static Optional<RowKey> rowId(
            Optional<ValueRef> value,
            Literals literals,
            ParameterValues parameters,
            boolean zeroDraws) {
        if (value.isEmpty()) {
            return Optional.of(new RowKey.Drawn());
        }
        if (value.get() instanceof ValueRef.Parameter && parameters == ParameterValues.NONE) {
            return Optional.of(new RowKey.Unknown());
        }
        try {
            Optional<BigInteger> number =
                    IntegerKeys.number(Pin.Use.STORED, value.get(), literals, parameters);
            return Optional.of(
                    number.isEmpty() || (zeroDraws && number.get().signum() == 0)
                            ? new RowKey.Drawn()
                            : given(number.get()));
        } catch (ShardwayException _) {
            return Optional.empty();
        }
    }

    private static RowKey given(BigInteger number) {
        byte[] text = number.toString().getBytes(StandardCharsets.US_ASCII);
        return new RowKey.Given(
                Bucket.numberOf(text, 0, text.length),
                number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE);
    }

    private static RowKey givenKey(
            KeyType.Integer type,
            KeySource.Given given,
            Literals literals,
            ParameterValues parameters,
            boolean zeroDraws) {
        Pin pin = given.pin();
        Optional<BigInteger> common = Optional.empty();
        for (ValueRef value : pin.values()) {
            if (value instanceof ValueRef.Parameter && parameters == ParameterValues.NONE) {
                return new RowKey.Unknown();
            }
            Optional<BigInteger> number =
                    IntegerKeys.given(type, pin.use(), value, literals, parameters);
            if (number.isEmpty() || (zeroDraws && number.get().signum() == 0)) {
                return drawn(given);
            }
            if (common.isPresent() && !common.equals(number)) {
                throw new ShardwayException(ErrorCode.DIFFERENT_KEYS, "");
            }
            common = number;
        }
        return given(common.orElseThrow());
    }

    private static RowKey drawn(KeySource.Given given) {
        ValueRef only = given.pin().values().getFirst();
        if (!given.mayDraw() || (only instanceof ValueRef.Literal && given.writing().isEmpty())) {
            if (given.pin().values().size() > 1) {
                throw new ShardwayException(ErrorCode.SEVERAL_DRAWN_KEYS, "NULL or 0 draws one");
            }
            throw notExact("NULL or 0 makes MySQL draw an id here");
        }
        return new RowKey.Drawn();
    }

    /** One plain integer, the usual case; -1 sends everything unusual to the general way. */
    private static int fastBucket(
            KeyType.Integer type, ValueRef value, Literals literals, ParameterValues parameters) {
        return switch (value) {
            case ValueRef.Literal(int index, boolean negated) ->
                    negated || literals.kind(index) != LiteralKind.INTEGER
                            ? -1
                            : fastLiteral(type, literals, index);
            case ValueRef.Parameter(int index) -> {
                if (parameters == ParameterValues.NONE
                        || parameters.kind(index) != ParameterValues.Kind.SIGNED) {
                    yield -1;
                }
                long number = parameters.integer(index);
                boolean plain = number > 0 && number <= IntegerKeys.max(type);
                yield plain ? Bucket.numberOf(number) : -1;
            }
        };
    }

    /** The digits are the canonical text already: no number is made but for the range. */
    private static int fastLiteral(KeyType.Integer type, Literals literals, int index) {
        int start = literals.start(index);
        int length = literals.end(index) - start;
        byte[] text = literals.text();
        if (length > 18 || text[start] == '0') {
            return -1;
        }
        long number = 0;
        for (int at = start; at < start + length; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number <= IntegerKeys.max(type) ? Bucket.numberOf(text, start, length) : -1;
    }

    /** The canonical bytes of a key; empty if no row can have it. */
    private static Optional<byte[]> keyOf(
            Pin pin, ValueRef value, Literals literals, ParameterValues parameters) {
        return switch (pin.type()) {
            case KeyType.Integer type ->
                    IntegerKeys.keyOf(type, pin.use(), value, literals, parameters);
            case KeyType.Binary _, KeyType.Text _ ->
                    TextKeys.keyOf(pin.type(), pin.use(), value, literals, parameters);
        };
    }

    static ShardwayException notExact(String detail) {
        return new ShardwayException(ErrorCode.KEY_NOT_EXACT, detail);
    }
}
