package io.shardway.proxy.execution;

import io.netty.channel.EventLoop;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.ReferenceTable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Lets one statement of a proxy at a time write a reference table, in the order they came: those
 * that wait for the row lock at the default shard would each hold a connection on every shard.
 * Thread-safe.
 */
public final class ReferenceQueue {

    private final int waitersMax;
    private final Duration timeout;
    private final Map<ReferenceTable, ArrayDeque<Turn>> waiting = new HashMap<>();
    private int waiters;

    public ReferenceQueue(int waitersMax, Duration timeout) {
        this.waitersMax = waitersMax;
        this.timeout = timeout;
    }

    /** A place in the queue. Its callbacks run on its event loop, one of them, once. */
    static final class Turn {
        private final ReferenceTable table;
        private final EventLoop loop;
        private final Runnable come;
        private Optional<Future<?>> end = Optional.empty();
        private boolean over;

        private Turn(ReferenceTable table, EventLoop loop, Runnable come) {
            this.table = table;
            this.loop = loop;
            this.come = come;
        }
    }

    /** What a statement that must wait hears. */
    interface Late {
        void refused(ErrorCode code);
    }

    Duration timeout() {
        return timeout;
    }

    /** How many wait now. */
    public synchronized int waiters() {
        return waiters;
    }

    /**
     * Waits for the table; {@code come} is called when it is this statement's turn, which ends with
     * {@link #done}.
     */
    Turn enter(ReferenceTable table, EventLoop loop, Runnable come, Late late) {
        var turn = new Turn(table, loop, come);
        Optional<ErrorCode> refused = Optional.empty();
        synchronized (this) {
            ArrayDeque<Turn> queue = waiting.get(table);
            if (queue == null) {
                waiting.put(table, new ArrayDeque<>());
                turn.over = true;
            } else if (waiters >= waitersMax) {
                turn.over = true;
                refused = Optional.of(ErrorCode.TOO_MANY_REFERENCE_WRITERS);
            } else {
                queue.add(turn);
                waiters++;
                Runnable giveUp = () -> giveUp(turn, late);
                turn.end =
                        Optional.of(
                                loop.schedule(giveUp, timeout.toMillis(), TimeUnit.MILLISECONDS));
                return turn;
            }
        }
        if (refused.isPresent()) {
            late.refused(refused.get());
        } else {
            come.run();
        }
        return turn;
    }

    private void giveUp(Turn turn, Late late) {
        if (leave(turn)) {
            late.refused(ErrorCode.REFERENCE_WRITE_WAITED);
        }
    }

    /** Whether it was still waiting; then it hears nothing more. */
    synchronized boolean leave(Turn turn) {
        if (turn.over) {
            return false;
        }
        end(turn);
        waiting.get(turn.table).remove(turn);
        return true;
    }

    /** It waits no longer. */
    private void end(Turn turn) {
        turn.over = true;
        turn.end.ifPresent(timeout -> timeout.cancel(false));
        waiters--;
    }

    /** Who had the table's turn is done with it. */
    void done(ReferenceTable table) {
        Turn next;
        synchronized (this) {
            ArrayDeque<Turn> queue = waiting.get(table);
            if (queue == null) {
                throw new IllegalStateException("nobody writes " + table);
            }
            next = queue.poll();
            if (next == null) {
                waiting.remove(table);
                return;
            }
            end(next);
        }
        next.loop.execute(next.come);
    }
}
