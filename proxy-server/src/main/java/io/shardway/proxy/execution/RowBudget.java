package io.shardway.proxy.execution;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Bytes of rows that all sessions of a proxy may hold at once. Thread-safe. */
public final class RowBudget {

    private final long max;
    private final LongConsumer changed;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param changed hears by how much what is held changes
     */
    public RowBudget(long max, LongConsumer changed) {
        this.max = max;
        this.changed = changed;
    }

    long max() {
        return max;
    }

    /** Takes room for so many bytes, if there is. */
    boolean tryTake(long bytes) {
        if (held.addAndGet(bytes) > max) {
            held.addAndGet(-bytes);
            return false;
        }
        changed.accept(bytes);
        return true;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
        changed.accept(-bytes);
    }
}
