package io.shardway.proxy.execution;

import io.netty.util.concurrent.ScheduledFuture;
import io.shardway.proxy.sequence.Sequence;
import io.shardway.router.ShardwayException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's INSERT waits for its key, or for the sequence to move past a key it gives.
 * Confined to its event loop.
 *
 * <p>The statement was routed by the epoch it began in and holds up the announcement of the next
 * one meanwhile, for as long as sequence.acquire-timeout at most.
 */
final class Drawing {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Duration patience;

    private Optional<Waiting> waiting = Optional.empty();

    private record Waiting(
            CompletableFuture<Long> key,
            ScheduledFuture<?> end,
            long begunNanos,
            LongConsumer then,
            Runnable dropped) {}

    Drawing(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
        this.patience = services.settings().sequence().acquireTimeout();
    }

    /**
     * Begins to wait.
     *
     * @param given the key a row gives; 0 where one is drawn
     * @param then goes on with the key, on the event loop
     * @param dropped gives back what the statement owns, if it ends without a key
     */
    void await(
            Sequence sequence,
            CompletableFuture<Long> key,
            long given,
            LongConsumer then,
            Runnable dropped) {
        ScheduledFuture<?> end = endOf(key, sequence, given, runner, patience);
        var now = new Waiting(key, end, System.nanoTime(), then, dropped);
        waiting = Optional.of(now);
        key.whenCompleteAsync(
                (value, failure) -> ended(now, value, failure), runner.client().eventLoop());
    }

    /** What ends the waiting for a key when it has been too long. */
    static ScheduledFuture<?> endOf(
            CompletableFuture<Long> key,
            Sequence sequence,
            long given,
            StatementRunner runner,
            Duration patience) {
        return runner.client()
                .eventLoop()
                .schedule(
                        () -> key.completeExceptionally(sequence.late(given)),
                        patience.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private void ended(Waiting was, @Nullable Long key, @Nullable Throwable failure) {
        was.end.cancel(false);
        if (waiting.isEmpty() || waiting.get() != was) {
            return;
        }
        waiting = Optional.empty();
        services.countedSequenceWait(System.nanoTime() - was.begunNanos);
        if (key == null) {
            was.dropped.run();
            if (failure instanceof ShardwayException refused) {
                runner.fail(refused.code(), refused.detail());
            } else {
                runner.bug(failure == null ? new IllegalStateException("no key") : failure);
            }
            return;
        }
        try {
            was.then.accept(key);
        } catch (RuntimeException thrown) {
            runner.client().thrown(thrown);
        }
    }

    boolean isWaiting() {
        return waiting.isPresent();
    }

    /** Lets the waiting statement go, without an answer; false if none waits. */
    boolean drop() {
        Optional<Waiting> dropped = waiting;
        waiting = Optional.empty();
        dropped.ifPresent(was -> {
            was.end.cancel(false);
            was.key.cancel(false);
            was.dropped.run();
        });
        return dropped.isPresent();
    }
}
