package io.shardway.proxy.execution;

import java.util.concurrent.Semaphore;

/** Lets no statement be planned until it is closed; for tests. Thread-safe. */
public final class HeldPlanner implements AutoCloseable {

    private final Semaphore working;
    private final int taken;

    private HeldPlanner(Plans plans) {
        working = plans.working;
        taken = Runtime.getRuntime().availableProcessors();
        working.acquireUninterruptibly(taken);
    }

    public static HeldPlanner hold(Plans plans) {
        return new HeldPlanner(plans);
    }

    @Override
    public void close() {
        working.release(taken);
    }
}
