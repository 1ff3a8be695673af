package io.shardway.router.keyspace;

/** What a shard key column holds, and so which spellings of a value are exact. Immutable. */
public sealed interface KeyType {

    /**
     * An integer column without ZEROFILL; the canonical text is the decimal number without leading
     * zeros.
     *
     * @param bytes 1, 2, 3, 4 or 8
     */
    record Integer(int bytes, boolean unsigned) implements KeyType {}

    /**
     * BINARY(n) or VARBINARY(n): hashed as stored; BINARY is padded with zero bytes to its length.
     */
    record Binary(int length, boolean padded) implements KeyType {}

    /**
     * Text in a NO PAD binary collation ({@code utf8mb4_0900_bin}): hashed as its UTF-8 bytes.
     *
     * @param length in characters
     */
    record Text(int length) implements KeyType {}
}
