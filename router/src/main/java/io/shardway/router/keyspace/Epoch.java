package io.shardway.router.keyspace;

/**
 * The number of a topology snapshot; every change makes a larger one. Immutable.
 *
 * @param number not negative
 */
public record Epoch(long number) implements Comparable<Epoch> {

    public static final Epoch NONE = new Epoch(0);

    public Epoch {
        if (number < 0) {
            throw new IllegalArgumentException("an epoch is not negative: " + number);
        }
    }

    public boolean isAfter(Epoch other) {
        return number > other.number;
    }

    public Epoch next() {
        return new Epoch(Math.addExact(number, 1));
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
