package io.shardway.proxy.sequence;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one table in this proxy. Thread-safe; callers never block: a key is drawn from the
 * block at hand, the next block is fetched ahead on a thread of its own, and who comes when there
 * is none waits for it. Each session waits for one thing at most, which bounds the queues.
 */
public final class Sequence {

    private static final Logger LOG = LoggerFactory.getLogger(Sequence.class);
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** Margins double while keys that clients give keep running ahead. */
    private static final long MARGIN_MAX = 1L << 40;

    private static final long MARGIN_GROWS_NANOS = Duration.ofSeconds(1).toNanos();

    private final SequenceColumn column;
    private final SequenceTable table;
    private final int blockSize;
    private final LongConsumer fetched;
    private final AtomicReference<Blocks> blocks = new AtomicReference<>(Blocks.NONE);
    private final Queue<Draw> draws = new ConcurrentLinkedQueue<>();
    private final Queue<Move> moves = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean working = new AtomicBoolean();
    private volatile SequenceView view = SequenceView.UNKNOWN;
    private volatile Optional<String> trouble = Optional.empty();

    // Of the working thread alone.
    private boolean looked;
    private long floor;
    private long margin;
    private long movedNanos;

    /** The first one, and how many follow each other from it on. Immutable. */
    public record Keys(long first, int count) {
        private static final Keys NONE = new Keys(0, 0);
    }

    private record Draw(int keys, LongPredicate fits, CompletableFuture<Long> key) {}

    private record Move(long key, CompletableFuture<Long> done) {}

    Sequence(SequenceColumn column, SequenceTable table, int blockSize, LongConsumer fetched) {
        this.column = column;
        this.table = table;
        this.blockSize = blockSize;
        this.fetched = fetched;
    }

    SequenceColumn column() {
        return column;
    }

    /** From one key to the next. */
    public int stride() {
        return column.stride();
    }

    /** Whether it is one of those that are drawn here. */
    public boolean isDrawable(long key) {
        return key > 0 && key <= column.max() && key % column.stride() == 0;
    }

    /**
     * A key, if there is one at hand.
     *
     * @param fits keys that do not fit are left out for good
     */
    public OptionalLong tryDraw(LongPredicate fits) {
        return draws.isEmpty() ? drawNow(1, fits) : OptionalLong.empty();
    }

    /** The first of so many keys, each one step after the one before, if they are at hand. */
    public OptionalLong tryDraw(int keys) {
        return draws.isEmpty() ? drawNow(keys, _ -> true) : OptionalLong.empty();
    }

    /** As many as are at hand without a gap, so many at most; none if there are none. */
    public Keys tryDrawUpTo(int most) {
        while (draws.isEmpty()) {
            Blocks now = blocks.get();
            Blocks any = now.fitting(_ -> true);
            int count = (int) Math.min(most, any.current().count());
            if (count == 0) {
                return Keys.NONE;
            }
            Blocks left = any.rest(count);
            if (blocks.compareAndSet(now, left)) {
                if (left.ahead().isEmpty()) {
                    work();
                }
                return new Keys(any.current().next(), count);
            }
        }
        return Keys.NONE;
    }

    private OptionalLong drawNow(int keys, LongPredicate fits) {
        while (true) {
            Blocks now = blocks.get();
            Blocks fitting = keys == 1 ? now.fitting(fits) : now.having(keys);
            if (fitting.current().isEmpty()) {
                return OptionalLong.empty();
            }
            Blocks left = fitting.rest(keys);
            if (blocks.compareAndSet(now, left)) {
                if (left.ahead().isEmpty()) {
                    work();
                }
                return OptionalLong.of(fitting.current().next());
            }
        }
    }

    /**
     * A key, as soon as there is one; the caller sets the time limit and completes it then. Fails
     * with SEQUENCE_EXHAUSTED.
     */
    public CompletableFuture<Long> draw(LongPredicate fits) {
        return draw(1, fits);
    }

    /** The first of so many keys, each one step after the one before; as {@link #draw}. */
    public CompletableFuture<Long> draw(int keys) {
        return draw(keys, _ -> true);
    }

    private CompletableFuture<Long> draw(int keys, LongPredicate fits) {
        var key = new CompletableFuture<Long>();
        draws.add(new Draw(keys, fits, key));
        work();
        return key;
    }

    /**
     * Whether a row may be given this key without asking the sequence table. This proxy then draws
     * only greater ones.
     */
    public boolean isGivenFreely(long key) {
        if (key <= 0) {
            return true;
        }
        SequenceView now = view;
        if (!now.isBelowNext(key) || now.holderOf(key, column.stride()).isPresent()) {
            return false;
        }
        blocks.updateAndGet(held -> held.after(key));
        return true;
    }

    /**
     * Moves the sequence past a key that a row is to be given; to be awaited before the row is
     * sent. The caller sets the time limit. Completes with the key.
     */
    public CompletableFuture<Long> moveOn(long key) {
        var done = new CompletableFuture<Long>();
        moves.add(new Move(key, done));
        work();
        return done;
    }

    /** What a caller is told whose time is up. */
    public ShardwayException late(long givenKey) {
        Optional<HeldBlock> holder =
                givenKey > 0 ? view.holderOf(givenKey, column.stride()) : Optional.empty();
        if (holder.isPresent()) {
            return new ShardwayException(
                    ErrorCode.KEY_RESERVED,
                    "%s key %d, proxy %d holds %d to %d"
                            .formatted(
                                    column.name(),
                                    givenKey,
                                    holder.get().proxy(),
                                    holder.get().first(),
                                    holder.get().end() - 1));
        }
        return new ShardwayException(
                ErrorCode.SEQUENCE_UNAVAILABLE,
                column.name() + trouble.map(reason -> ": " + reason).orElse(""));
    }

    private void work() {
        if (working.compareAndSet(false, true)) {
            Thread.ofVirtual().name("sequence " + column.name()).start(this::workUntilDone);
        }
    }

    private void workUntilDone() {
        boolean again = true;
        while (again) {
            try {
                again = workOnce();
            } catch (RuntimeException bug) {
                LOG.error("event=bug code={} sequence={}", ErrorCode.BUG.id(), column.name(), bug);
                again = failed(bug);
            }
            if (!again) {
                working.set(false);
                // Whoever came in between has not started another thread.
                again = hasWaiting() && working.compareAndSet(false, true);
            }
        }
    }

    private boolean hasWaiting() {
        draws.removeIf(draw -> draw.key().isDone());
        moves.removeIf(move -> move.done().isDone());
        return !draws.isEmpty() || !moves.isEmpty();
    }

    /** One thing at a time: moves, then draws, then the block ahead; false when all is done. */
    private boolean workOnce() {
        serve();
        if (!hasWaiting() && !blocks.get().ahead().isEmpty()) {
            return false;
        }
        boolean moving = !moves.isEmpty();
        if (!hasWaiting() && !wasUsed()) {
            return false;
        }
        try {
            look();
            if (moving) {
                move();
            } else {
                take();
            }
            trouble = Optional.empty();
        } catch (ShardwayException refused) {
            if (refused.code() == ErrorCode.SEQUENCE_EXHAUSTED) {
                failDraws(refused);
                return !moves.isEmpty();
            }
            return failed(refused);
        } catch (SQLException away) {
            return failed(away);
        }
        return true;
    }

    /** Blocks are fetched ahead only once keys were drawn at all, and not for given keys. */
    private boolean wasUsed() {
        return !blocks.get().current().isEmpty();
    }

    private boolean failed(Exception reason) {
        trouble = Optional.of(String.valueOf(reason.getMessage()));
        LOG.debug("event=sequence-away sequence={} reason={}", column.name(), trouble.get());
        if (!hasWaiting()) {
            return false;
        }
        pause();
        return true;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws SQLException {
        if (!looked) {
            floor = table.floor(column);
            looked = true;
        }
    }

    private void take() throws SQLException {
        long begun = System.nanoTime();
        int keys = draws.stream().mapToInt(Draw::keys).reduce(blockSize, Math::max);
        SequenceTable.Taken taken = table.take(column, keys, blocks.get().least(), floor);
        view = taken.view();
        blocks.updateAndGet(held -> held.and(taken.block()));
        fetched.accept(System.nanoTime() - begun);
    }

    private void move() throws SQLException {
        List<Move> waiting = new ArrayList<>(moves);
        List<Long> keys = waiting.stream().map(Move::key).toList();
        view = table.moveOn(column, keys, nextMargin(), floor);
        boolean reserved = false;
        for (Move move : waiting) {
            if (isGivenFreely(move.key())) {
                moves.remove(move);
                move.done().complete(move.key());
            } else {
                reserved = true;
            }
        }
        if (reserved) {
            // The holder may give its block up, as it does when it has drawn from all of it.
            pause();
        }
    }

    private long nextMargin() {
        long now = System.nanoTime();
        long least = (long) blockSize * column.stride();
        margin =
                margin > 0 && now - movedNanos < MARGIN_GROWS_NANOS
                        ? Math.min(MARGIN_MAX, margin * 2)
                        : least;
        movedNanos = now;
        return margin;
    }

    private void serve() {
        for (Draw draw : draws) {
            if (draw.key().isDone()) {
                draws.remove(draw);
                continue;
            }
            OptionalLong key = drawNow(draw.keys(), draw.fits());
            if (key.isPresent()) {
                draws.remove(draw);
                draw.key().complete(key.getAsLong());
            }
        }
    }

    private void failDraws(ShardwayException reason) {
        for (Draw draw : draws) {
            draws.remove(draw);
            draw.key().completeExceptionally(reason);
        }
    }
}
