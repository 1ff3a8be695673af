package io.shardway.router.keyspace;

import java.util.zip.CRC32;

/**
 * A virtual shard: the unit that moves. Immutable.
 *
 * @param number from 0 to {@link #COUNT} - 1
 */
public record Bucket(int number) {

    /** How many buckets every sharded keyspace has. It never changes. */
    public static final int COUNT = 1024;

    public Bucket {
        if (number < 0 || number >= COUNT) {
            throw new IllegalArgumentException("bucket must be 0 to 1023, is " + number);
        }
    }

    /**
     * The bucket of a key: {@code CRC32(canonical bytes) mod 1024}, which MySQL's own {@code
     * CRC32()} computes too.
     */
    public static Bucket of(byte[] canonicalKey) {
        return new Bucket(numberOf(canonicalKey, 0, canonicalKey.length));
    }

    /** The same without allocating a bucket, for the statement path. */
    public static int numberOf(byte[] bytes, int from, int length) {
        var crc = new CRC32();
        crc.update(bytes, from, length);
        return (int) (crc.getValue() & (COUNT - 1));
    }

    /** The bucket of an integer key, without allocating its text on the heap for long. */
    public static int numberOf(long value) {
        byte[] text = Long.toString(value).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return numberOf(text, 0, text.length);
    }
}
