package io.shardway.cluster;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for a state of another process, which can only be asked again and again. Stateless. */
final class Waiting {

    private static final long PAUSE_MILLIS = 20;

    private Waiting() {}

    /** Returns when the state is there; throws when the bound has passed. */
    static void until(String what, Duration bound, BooleanSupplier state) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!state.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new ClusterProblem(
                        "Waited %d s in vain for %s.".formatted(bound.toSeconds(), what));
            }
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterProblem("Interrupted while waiting for a server.", e);
        }
    }
}
