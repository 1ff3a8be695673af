package io.shardway.router.keyspace;

/**
 * The number of one keyspace's schema; every change of a table makes a larger one. Immutable.
 *
 * @param number not negative
 */
public record SchemaEpoch(long number) {

    public SchemaEpoch {
        if (number < 0) {
            throw new IllegalArgumentException("a schema epoch is not negative: " + number);
        }
    }

    public SchemaEpoch next() {
        return new SchemaEpoch(Math.addExact(number, 1));
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
