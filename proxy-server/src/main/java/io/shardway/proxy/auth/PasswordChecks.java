package io.shardway.proxy.auth;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** Runs slow password checks on an executor, so many at once and no more. Thread-safe. */
final class PasswordChecks {

    private final Executor executor;
    private final int runningMax;
    private final int waitingMax;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    PasswordChecks(Executor executor, int runningMax, int waitingMax) {
        this.executor = executor;
        this.runningMax = runningMax;
        this.waitingMax = waitingMax;
    }

    /** Fails with {@link ErrorCode#TOO_MANY_LOGINS} when too many wait already. */
    CompletableFuture<Boolean> submit(BooleanSupplier work) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Runnable check = () -> complete(result, work);
        synchronized (this) {
            if (running == runningMax) {
                if (waiting.size() == waitingMax) {
                    result.completeExceptionally(
                            new ShardwayException(ErrorCode.TOO_MANY_LOGINS, ""));
                } else {
                    waiting.add(check);
                }
                return result;
            }
            running++;
        }
        start(check, result);
        return result;
    }

    private void start(Runnable check, CompletableFuture<Boolean> result) {
        try {
            executor.execute(() -> runAll(check));
        } catch (RuntimeException rejected) {
            synchronized (this) {
                running--;
            }
            result.completeExceptionally(rejected);
        }
    }

    /** Runs one check and then those that wait. */
    private void runAll(Runnable first) {
        Runnable check = first;
        while (check != null) {
            check.run();
            synchronized (this) {
                check = waiting.poll();
                if (check == null) {
                    running--;
                }
            }
        }
    }

    private static void complete(CompletableFuture<Boolean> result, BooleanSupplier work) {
        try {
            result.complete(work.getAsBoolean());
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
        }
    }
}
