package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How many connections to one node all event loops of this proxy may have together. Thread-safe.
 *
 * <p>Each loop takes permits as it needs them. A loop that holds more than its even share gives a
 * connection up when another loop has statements waiting, so that none starves.
 */
public final class NodeLimit {

    private final int connectionsMax;
    private final int waitersMax;
    private final int fairShare;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger waiters = new AtomicInteger();
    private final AtomicIntegerArray waitersOf;
    private final AtomicIntegerArray takenOf;
    private final AtomicReferenceArray<Runnable> wakeups;
    private final AtomicReferenceArray<Runnable> sheds;
    private final List<EventLoop> loops;

    public NodeLimit(int connectionsMax, int waitersMax, List<EventLoop> loops) {
        this.connectionsMax = connectionsMax;
        this.waitersMax = waitersMax;
        this.loops = List.copyOf(loops);
        this.fairShare = Math.max(1, connectionsMax / loops.size());
        this.waitersOf = new AtomicIntegerArray(loops.size());
        this.takenOf = new AtomicIntegerArray(loops.size());
        this.wakeups = new AtomicReferenceArray<>(loops.size());
        this.sheds = new AtomicReferenceArray<>(loops.size());
    }

    public int connectionsMax() {
        return connectionsMax;
    }

    public int taken() {
        return taken.get();
    }

    /**
     * @param wakeup called on the loop when there may be room for its waiters
     * @param shed called on the loop when another loop needs one of its idle connections
     */
    void register(int loop, Runnable wakeup, Runnable shed) {
        wakeups.set(loop, wakeup);
        sheds.set(loop, shed);
    }

    /** All permits are taken: asks the other loops to close an idle connection. */
    void askForRoom(int loop) {
        for (int other = 0; other < loops.size(); other++) {
            if (other != loop && sheds.get(other) != null) {
                loops.get(other).execute(sheds.get(other));
            }
        }
    }

    boolean tryTake(int loop) {
        while (true) {
            int now = taken.get();
            if (now >= connectionsMax) {
                return false;
            }
            if (taken.compareAndSet(now, now + 1)) {
                takenOf.incrementAndGet(loop);
                return true;
            }
        }
    }

    /**
     * Gives a permit back and wakes the loops that wait for one, the next loop first. All of them:
     * the first may be served already by a connection it is opening, and would not pass the permit
     * on.
     */
    void give(int fromLoop) {
        takenOf.decrementAndGet(fromLoop);
        taken.decrementAndGet();
        for (int step = 1; step <= loops.size(); step++) {
            int loop = (fromLoop + step) % loops.size();
            if (waitersOf.get(loop) > 0 && wakeups.get(loop) != null) {
                loops.get(loop).execute(wakeups.get(loop));
            }
        }
    }

    boolean tryWait(int loop) {
        if (waiters.incrementAndGet() > waitersMax) {
            waiters.decrementAndGet();
            return false;
        }
        waitersOf.incrementAndGet(loop);
        return true;
    }

    void waited(int loop) {
        waiters.decrementAndGet();
        waitersOf.decrementAndGet(loop);
    }

    int waiters() {
        return waiters.get();
    }

    /** Whether this loop should give a free connection up for another one. */
    boolean shouldGiveUp(int loop, boolean ownWaiters) {
        if (waiters.get() == waitersOf.get(loop) || taken.get() < connectionsMax) {
            return false;
        }
        return !ownWaiters || takenOf.get(loop) > fairShare || anotherHasNone(loop);
    }

    /** With fewer connections than loops no share is even; they go round. */
    private boolean anotherHasNone(int loop) {
        for (int other = 0; other < loops.size(); other++) {
            if (other != loop && waitersOf.get(other) > 0 && takenOf.get(other) == 0) {
                return true;
            }
        }
        return false;
    }
}
