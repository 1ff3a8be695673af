package io.shardway.proxy.sequence;

import io.shardway.router.keyspace.SchemaEpoch;

/**
 * The column that a sequence draws keys for. Immutable.
 *
 * @param max the greatest key the column can hold
 * @param stride all drawn keys are multiples of it
 * @param schemaEpoch when a new one begins, the keys in the table are looked at again
 */
record SequenceColumn(
        SequenceName name, String column, long max, int stride, SchemaEpoch schemaEpoch) {

    /** The first drawn key that is at least this. */
    long keyFrom(long least) {
        long rest = Math.floorMod(least, (long) stride);
        long key = rest == 0 ? least : least + (stride - rest);
        // Beyond the largest long it has become negative.
        return key < least ? Long.MAX_VALUE : Math.max(key, stride);
    }
}
