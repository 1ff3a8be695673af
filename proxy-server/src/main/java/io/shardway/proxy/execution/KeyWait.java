package io.shardway.proxy.execution;

import io.netty.util.concurrent.ScheduledFuture;
import io.shardway.proxy.sequence.Sequence;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.RowKey;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * Draws the keys of one statement's rows, each one step after the one before as MySQL does, once
 * the sequence has moved past all keys that other rows give. Confined to its event loop.
 */
final class KeyWait {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Sequence sequence;
    private final List<RowKey> rows;
    private final List<Long> given;
    private final CompletableFuture<long[]> keys = new CompletableFuture<>();
    private Optional<CompletableFuture<Long>> waiting = Optional.empty();

    /**
     * For a shard key: what is drawn later is greater than what is given.
     *
     * @param serving what the statement was routed by
     */
    static KeyWait ofKeys(
            StatementRunner runner,
            ProxyServices services,
            Serving serving,
            DrawnColumn column,
            List<RowKey> rows) {
        return new KeyWait(runner, services, serving, column, rows, (_, _) -> true);
    }

    /** For another column: what shards draw is theirs, and nobody else draws it. */
    static KeyWait ofIds(
            StatementRunner runner,
            ProxyServices services,
            Serving serving,
            DrawnColumn column,
            List<RowKey> rows) {
        return new KeyWait(runner, services, serving, column, rows, Sequence::isDrawable);
    }

    private KeyWait(
            StatementRunner runner,
            ProxyServices services,
            Serving serving,
            DrawnColumn column,
            List<RowKey> rows,
            BiPredicate<Sequence, Long> noted) {
        this.runner = runner;
        this.services = services;
        this.sequence = services.sequences().of(column, serving.topology());
        this.rows = List.copyOf(rows);
        this.given =
                rows.stream()
                        .filter(RowKey.Given.class::isInstance)
                        .map(row -> ((RowKey.Given) row).number())
                        .filter(number -> noted.test(sequence, number))
                        .distinct()
                        .sorted(Comparator.reverseOrder())
                        .toList();
    }

    /** How many are to be drawn. */
    int count() {
        return (int) rows.stream().filter(RowKey.Drawn.class::isInstance).count();
    }

    int stride() {
        return sequence.stride();
    }

    /** The drawn key of each row, 0 where it is given; or a ShardwayException. On the loop. */
    CompletableFuture<long[]> begin() {
        give(0);
        return keys;
    }

    private void give(int from) {
        for (int at = from; at < given.size(); at++) {
            long number = given.get(at);
            if (!sequence.isGivenFreely(number)) {
                int next = at + 1;
                await(sequence.moveOn(number), number, _ -> give(next));
                return;
            }
        }
        draw();
    }

    private void draw() {
        int count = count();
        if (count == 0) {
            drawn(0);
            return;
        }
        OptionalLong first = sequence.tryDraw(count);
        if (first.isPresent()) {
            drawn(first.getAsLong());
        } else {
            await(sequence.draw(count), 0, this::drawn);
        }
    }

    private void drawn(long first) {
        var all = new long[rows.size()];
        long next = first;
        for (int row = 0; row < all.length; row++) {
            if (rows.get(row) instanceof RowKey.Drawn) {
                all[row] = next;
                next += sequence.stride();
            }
        }
        keys.complete(all);
    }

    private void await(CompletableFuture<Long> key, long number, Consumer<Long> then) {
        waiting = Optional.of(key);
        long begun = System.nanoTime();
        ScheduledFuture<?> end =
                runner.client()
                        .eventLoop()
                        .schedule(
                                () -> key.completeExceptionally(sequence.late(number)),
                                services.settings().sequence().acquireTimeout().toNanos(),
                                TimeUnit.NANOSECONDS);
        key.whenCompleteAsync(
                (value, failure) -> {
                    end.cancel(false);
                    waiting = Optional.empty();
                    services.countedSequenceWait(System.nanoTime() - begun);
                    if (failure != null) {
                        keys.completeExceptionally(failure);
                        return;
                    }
                    try {
                        then.accept(value);
                    } catch (RuntimeException fault) {
                        keys.completeExceptionally(fault);
                    }
                },
                runner.client().eventLoop());
    }

    /** Ends with QUERY_INTERRUPTED, if it has not ended. */
    void interrupt() {
        waiting.ifPresent(key ->
                key.completeExceptionally(new ShardwayException(ErrorCode.QUERY_INTERRUPTED, "")));
    }
}
