package io.shardway.proxy.reference;

/**
 * Which write a copy has last. Immutable.
 *
 * @param writes counts the writes of a table, from 1; 0 before the first
 * @param writeId tells a write from another one of the same number, as hexadecimal digits
 */
record CopyNumber(long writes, String writeId) {

    static final CopyNumber NONE = new CopyNumber(0, "");

    /** Whether this copy lacks a write that the other has, and has none the other lacks. */
    boolean isBehind(CopyNumber other) {
        return writes < other.writes;
    }
}
