package io.shardway.router;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The moment at which a wait ends; passed down instead of a new timeout per layer. Immutable. */
public final class Deadline {

    /** Longer waits are as good as this one, and cannot overflow. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final LongSupplier nanoTime;
    private final long endNanos;

    private Deadline(LongSupplier nanoTime, long endNanos) {
        this.nanoTime = nanoTime;
        this.endNanos = endNanos;
    }

    public static Deadline after(Duration wait) {
        return after(wait, System::nanoTime);
    }

    /** The same by another clock, which must only move forwards. */
    public static Deadline after(Duration wait, LongSupplier nanoTime) {
        Duration bounded = wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
        return new Deadline(nanoTime, nanoTime.getAsLong() + bounded.toNanos());
    }

    /** Zero once the deadline has passed. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, endNanos - nanoTime.getAsLong()));
    }

    public boolean hasPassed() {
        return endNanos - nanoTime.getAsLong() <= 0;
    }

    @Override
    public String toString() {
        return "in " + remaining();
    }
}
