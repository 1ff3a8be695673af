package io.shardway.proxy;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does at intervals what nobody asks for: timeouts, and tables that may be back. Thread-safe. */
final class Sweeper implements AutoCloseable {

    private static final int SWEEP_MILLIS = 1_000;
    private static final int SCHEMA_MILLIS = 2_000;

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("sweeper").factory());

    /**
     * @param sweep ends what was idle for too long; must not block
     * @param rereadSchema looks again at unusable tables; may block
     */
    static Sweeper start(Runnable sweep, Runnable rereadSchema) {
        var sweeper = new Sweeper();
        sweeper.every(SWEEP_MILLIS, sweep);
        sweeper.every(SCHEMA_MILLIS, () -> Thread.ofVirtual().name("schema").start(rereadSchema));
        return sweeper;
    }

    private void every(int millis, Runnable action) {
        timer.scheduleWithFixedDelay(action, millis, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
