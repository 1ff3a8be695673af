package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Exact spellings of text and binary keys: strings only. A number compared with text matches '5',
 * '05' and '5 ' alike. Stateless.
 */
final class TextKeys {

    private TextKeys() {}

    static Optional<byte[]> keyOf(
            KeyType type,
            Pin.Use use,
            ValueRef value,
            Literals literals,
            ParameterValues parameters) {
        Optional<byte[]> bytes =
                switch (value) {
                    case ValueRef.Literal(int index, boolean negated) ->
                            Optional.of(ofLiteral(literals, index, negated));
                    case ValueRef.Parameter(int index) -> ofParameter(use, parameters, index);
                };
        return bytes.flatMap(each ->
                switch (type) {
                    case KeyType.Binary binary -> binary(binary, use, each);
                    case KeyType.Text text -> text(text, use, each);
                    case KeyType.Integer _ ->
                            throw new IllegalArgumentException("no text key: " + type);
                });
    }

    private static byte[] ofLiteral(Literals literals, int index, boolean negated) {
        if (negated || literals.kind(index) != LiteralKind.STRING) {
            throw KeyResolver.notExact("a text key needs a plain string");
        }
        byte[] bytes =
                LiteralText.of(literals, index).orElseThrow(() -> KeyResolver.notExact("text"));
        requireReadable(bytes, literals.dialect().unicodeValues());
        return bytes;
    }

    private static Optional<byte[]> ofParameter(
            Pin.Use use, ParameterValues parameters, int index) {
        return switch (parameters.kind(index)) {
            case NULL -> {
                if (use != Pin.Use.COMPARED) {
                    throw KeyResolver.notExact("the value is NULL");
                }
                yield Optional.empty();
            }
            case TEXT -> {
                requireReadable(parameters.bytes(index), parameters.unicodeValues());
                yield Optional.of(parameters.bytes(index));
            }
            case BYTES -> Optional.of(parameters.bytes(index));
            case SIGNED, UNSIGNED, FLOATING, DECIMAL, OTHER ->
                    throw KeyResolver.notExact("a text key needs a text or binary parameter");
        };
    }

    /** Text in another character set than UTF-8 is converted by MySQL; ASCII stays as it is. */
    private static void requireReadable(byte[] bytes, boolean utf8) {
        for (byte each : bytes) {
            if (each < 0 && !utf8) {
                throw KeyResolver.notExact("text outside ASCII needs SET NAMES utf8mb4");
            }
            // utf8mb3 connections cannot carry four-byte characters, and we do not see which it is.
            if ((each & 0xF8) == 0xF0) {
                throw KeyResolver.notExact("a character outside the basic plane");
            }
        }
        if (utf8) {
            characters(bytes);
        }
    }

    private static int characters(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return (int) text.codePoints().count();
        } catch (CharacterCodingException _) {
            throw KeyResolver.notExact("text that is not UTF-8");
        }
    }

    static Optional<byte[]> text(KeyType.Text type, Pin.Use use, byte[] bytes) {
        return fitting(characters(bytes) <= type.length(), use, bytes);
    }

    /** A BINARY column stores zeros behind a short value, but does not compare so. */
    static Optional<byte[]> binary(KeyType.Binary type, Pin.Use use, byte[] bytes) {
        Optional<byte[]> fits = fitting(bytes.length <= type.length(), use, bytes);
        if (!type.padded() || bytes.length == type.length()) {
            return fits;
        }
        return switch (use) {
            case COMPARED -> Optional.empty();
            case STORED, STORED_OR_DRAWN -> fits.map(each -> Arrays.copyOf(each, type.length()));
            case STORED_AND_COMPARED ->
                    throw KeyResolver.notExact("write all bytes of the BINARY key");
        };
    }

    private static Optional<byte[]> fitting(boolean fits, Pin.Use use, byte[] bytes) {
        if (!fits && use != Pin.Use.COMPARED) {
            throw KeyResolver.notExact("the value is longer than the column");
        }
        return fits ? Optional.of(bytes) : Optional.empty();
    }
}
