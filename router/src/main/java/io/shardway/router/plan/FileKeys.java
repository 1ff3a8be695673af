package io.shardway.router.plan;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.KeyType;
import java.util.Arrays;
import java.util.Optional;

/**
 * Turns a field of a file that fills a shard key into its bucket: exact spellings only, as for
 * every stored key. Stateless; thread-safe.
 */
public final class FileKeys {

    private FileKeys() {}

    /** How MySQL takes the bytes of a field that are not ASCII. */
    public enum Encoding {
        /** As they are, if they are UTF-8. */
        UTF_8,
        /** As they are in binary columns. */
        BYTES,
        /** It converts them. */
        OTHER
    }

    /**
     * @param value the field without quotes and escapes
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    public static int bucketOf(KeyType type, byte[] value, int from, int to, Encoding encoding) {
        if (type instanceof KeyType.Integer integer) {
            int fast = fastBucket(integer, value, from, to);
            if (fast >= 0) {
                return fast;
            }
        }
        byte[] bytes = Arrays.copyOfRange(value, from, to);
        byte[] key =
                switch (type) {
                    case KeyType.Integer integer -> IntegerKeys.ofFile(integer, bytes);
                    case KeyType.Text text -> {
                        requireReadable(bytes, encoding == Encoding.UTF_8);
                        yield stored(TextKeys.text(text, Pin.Use.STORED, bytes));
                    }
                    case KeyType.Binary binary -> {
                        requireReadable(bytes, encoding != Encoding.OTHER);
                        yield stored(TextKeys.binary(binary, Pin.Use.STORED, bytes));
                    }
                };
        return Bucket.numberOf(key, 0, key.length);
    }

    private static byte[] stored(Optional<byte[]> key) {
        return key.orElseThrow(() -> KeyResolver.notExact("the field"));
    }

    private static void requireReadable(byte[] bytes, boolean readable) {
        for (byte each : bytes) {
            if (each < 0 && !readable) {
                throw KeyResolver.notExact(
                        "text outside ASCII; a file with such keys must be in utf8mb4");
            }
        }
    }

    /** Plain digits of a number above 0 are its canonical text; -1 for all else. */
    private static int fastBucket(KeyType.Integer type, byte[] value, int from, int to) {
        if (to == from || to - from > 18 || value[from] == '0') {
            return -1;
        }
        long number = 0;
        for (int at = from; at < to; at++) {
            int digit = value[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number <= IntegerKeys.max(type) ? Bucket.numberOf(value, from, to - from) : -1;
    }
}
