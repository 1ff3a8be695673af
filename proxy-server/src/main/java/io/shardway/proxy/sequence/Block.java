package io.shardway.proxy.sequence;

import java.util.function.LongPredicate;

/**
 * Keys that nobody else will be given: from one, in steps, up to an end that is not one of them.
 * Immutable.
 */
record Block(long next, long end, int stride) {

    static final Block NONE = new Block(0, 0, 1);

    boolean isEmpty() {
        return next >= end;
    }

    /** From the first key that fits on; empty if none does. */
    Block fitting(LongPredicate fits) {
        for (long key = next; key < end; key += stride) {
            if (fits.test(key)) {
                return new Block(key, end, stride);
            }
        }
        return NONE;
    }

    /** Without its first keys. */
    Block rest(int keys) {
        return new Block(next + (long) keys * stride, end, stride);
    }

    long count() {
        return isEmpty() ? 0 : (end - 1 - next) / stride + 1;
    }

    /** Whether the other one goes on where this one ends. */
    boolean isFollowedBy(Block other) {
        return !isEmpty() && !other.isEmpty() && next + count() * stride == other.next;
    }

    /** Only what is greater than a key. */
    Block after(long key) {
        if (key < next) {
            return this;
        }
        return key >= end ? NONE : new Block(key - key % stride + stride, end, stride);
    }
}
