package io.shardway.cluster;

import java.util.ArrayList;
import java.util.List;

/** What has to be undone when a cluster ends, last thing first. Thread-safe. */
final class Closers {

    private final List<Runnable> steps = new ArrayList<>();

    synchronized void add(Runnable step) {
        steps.addFirst(step);
    }

    /** Runs all steps, even if some fail, and throws the first failure. */
    synchronized void close() {
        var failures = new ArrayList<RuntimeException>();
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        steps.clear();
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    /** Takes a shutdown hook back, unless the JVM is ending, which is when it runs. */
    static void withdraw(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running.
        }
    }
}
