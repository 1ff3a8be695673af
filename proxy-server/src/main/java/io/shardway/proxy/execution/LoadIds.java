package io.shardway.proxy.execution;

import io.netty.util.concurrent.ScheduledFuture;
import io.shardway.proxy.sequence.Sequence;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.DrawnColumn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;

/**
 * Draws ids for the records of one file, in runs of the table's sequence that grow as the file
 * does. What is left of the last run is not used again. Confined to its event loop.
 */
final class LoadIds {

    private static final int RUN_MIN = 1;
    private static final int RUN_MAX = 8192;

    private final StatementRunner runner;
    private final DrawnColumn column;
    private final Sequence sequence;
    private final Duration patience;
    private final Listener listener;
    private final boolean ofKeys;
    private final List<Run> used = new ArrayList<>();
    private Optional<CompletableFuture<Long>> waiting = Optional.empty();
    private int run = RUN_MIN;
    private long next;
    private int left;
    private long stored;

    /** Hears of what was waited for. */
    interface Listener {
        void canGoOn();

        void failed(ShardwayException reason);
    }

    /** Ids that records got, without a gap. Immutable. */
    private record Run(long first, long last) {}

    /**
     * @param ofKeys all that are given count, not only those that could be drawn
     */
    LoadIds(
            StatementRunner runner,
            ProxyServices services,
            DrawnColumn column,
            boolean ofKeys,
            Listener listener) {
        this.runner = runner;
        this.column = column;
        this.ofKeys = ofKeys;
        this.sequence = services.sequences().of(column, runner.loop().serving().topology());
        this.patience = services.settings().sequence().acquireTimeout();
        this.listener = listener;
    }

    /** The next id, the same again until it is used; empty if it must be waited for. */
    OptionalLong next() {
        if (left == 0 && waiting.isEmpty()) {
            Sequence.Keys atHand = sequence.tryDrawUpTo(run);
            if (atHand.count() > 0) {
                begin(atHand.first(), atHand.count());
            } else {
                int keys = run;
                await(sequence.draw(keys), 0, first -> begin(first, keys));
            }
        }
        return left > 0 ? OptionalLong.of(next) : OptionalLong.empty();
    }

    private void begin(long first, int count) {
        next = first;
        left = count;
        run = Math.min(RUN_MAX, 2 * run);
    }

    /** A record has got the next id. */
    void use() {
        int stride = sequence.stride();
        Run last = used.isEmpty() ? new Run(0, 0) : used.getLast();
        if (!used.isEmpty() && last.last() + stride == next) {
            used.set(used.size() - 1, new Run(last.first(), next));
        } else {
            used.add(new Run(next, next));
        }
        next += stride;
        left--;
    }

    boolean areUsed() {
        return !used.isEmpty();
    }

    /**
     * Whether a record may give this id; if not, it must be waited for. What is drawn later is
     * greater.
     */
    boolean mayBeGiven(long id) {
        if ((ofKeys || sequence.isDrawable(id)) && !sequence.isGivenFreely(id)) {
            if (waiting.isEmpty()) {
                await(sequence.moveOn(id), id, _ -> {});
            }
            return false;
        }
        while (left > 0 && next <= id) {
            next += sequence.stride();
            left--;
        }
        return true;
    }

    private void await(CompletableFuture<Long> key, long given, LongConsumer then) {
        waiting = Optional.of(key);
        ScheduledFuture<?> end = Drawing.endOf(key, sequence, given, runner, patience);
        key.whenCompleteAsync(
                (value, failure) -> {
                    end.cancel(false);
                    waiting = Optional.empty();
                    if (failure == null) {
                        then.accept(value);
                        listener.canGoOn();
                    } else if (failure instanceof ShardwayException reason) {
                        failed(reason);
                    } else if (!key.isCancelled()) {
                        runner.bug(failure);
                    }
                },
                runner.client().eventLoop());
    }

    /** Fewer ids than were asked for can be left. */
    private void failed(ShardwayException reason) {
        if (reason.code() == ErrorCode.SEQUENCE_EXHAUSTED && run > 1) {
            run = Math.max(1, run / 8);
            listener.canGoOn();
        } else {
            listener.failed(reason);
        }
    }

    /** Nobody waits any more. */
    void forget() {
        waiting.ifPresent(key -> key.cancel(false));
    }

    /**
     * The first id of a row that was stored, 0 if there is none.
     *
     * @param replaces each record was
     */
    CompletionStage<Long> firstStored(List<SpreadPart> parts, boolean replaces) {
        return replaces && areUsed()
                ? CompletableFuture.completedStage(used.getFirst().first())
                : firstStored(parts, 0);
    }

    private CompletionStage<Long> firstStored(List<SpreadPart> parts, int number) {
        if (number == used.size()) {
            return CompletableFuture.completedStage(0L);
        }
        Run ids = used.get(number);
        String sql = DrawnIds.firstStored(column, ids.first(), ids.last(), sequence.stride());
        return ReferenceLeases.each(
                        parts,
                        part ->
                                part.rows(sql)
                                        .thenAccept(rows -> see(ReferenceState.number(rows, 0))))
                .thenCompose(_ ->
                        stored > 0
                                ? CompletableFuture.completedStage(stored)
                                : firstStored(parts, number + 1));
    }

    private void see(long id) {
        if (id > 0 && (stored == 0 || id < stored)) {
            stored = id;
        }
    }
}
