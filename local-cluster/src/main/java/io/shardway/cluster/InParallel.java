package io.shardway.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs tasks side by side on virtual threads. Stateless. */
final class InParallel {

    private InParallel() {}

    /** One thing to do. */
    interface Task<T> {
        T run();
    }

    /** A task without a result. */
    static Task<Boolean> task(Runnable action) {
        return () -> {
            action.run();
            return true;
        };
    }

    /** Returns when all have ended, with their results in order; throws the first failure. */
    static <T> List<T> run(List<Task<T>> tasks) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running =
                    tasks.stream().map(task -> threads.submit(task::run)).toList();
            var results = new ArrayList<T>();
            var failures = new ArrayList<RuntimeException>();
            for (Future<T> each : running) {
                try {
                    results.add(each.get());
                } catch (ExecutionException e) {
                    failures.add(asRuntimeException(e.getCause()));
                }
            }
            if (!failures.isEmpty()) {
                throw failures.getFirst();
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterProblem("Interrupted while starting the cluster.", e);
        }
    }

    private static RuntimeException asRuntimeException(Throwable cause) {
        return cause instanceof RuntimeException failure
                ? failure
                : new IllegalStateException(cause);
    }
}
