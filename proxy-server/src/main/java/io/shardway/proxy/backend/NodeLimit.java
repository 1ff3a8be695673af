package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How many connections to one node all event loops of this proxy may have together. Thread-safe.
 *
 * <p>Each loop takes permits as it needs them. Moving one to another loop costs a login, so that it
 * is moved only for a loop that is {@linkplain #press pressed}, or when nobody used its connection
 * for a while; and it is handed over, or the loop that gives it up could take it again.
 */
public final class NodeLimit {

    private final int connectionsMax;
    private final int waitersMax;
    private final int fairShare;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger waiters = new AtomicInteger();
    private final AtomicInteger pressed = new AtomicInteger();
    private final AtomicIntegerArray waitersOf;
    private final AtomicIntegerArray takenOf;
    private final AtomicIntegerArray pressedOf;
    private final AtomicReferenceArray<Member> members;
    private final List<EventLoop> loops;

    /** A loop's pool. Called on that loop. */
    interface Member {
        /** There may be room for those who wait. */
        void permitIsFree();

        /** A permit is this loop's now. */
        void granted();

        /**
         * Another loop needs one of the idle connections.
         *
         * @param pressed else only one that nobody used for a while
         */
        void shed(int receiver, boolean pressed);
    }

    public NodeLimit(int connectionsMax, int waitersMax, List<EventLoop> loops) {
        this.connectionsMax = connectionsMax;
        this.waitersMax = waitersMax;
        this.loops = List.copyOf(loops);
        this.fairShare = Math.max(1, connectionsMax / loops.size());
        this.waitersOf = new AtomicIntegerArray(loops.size());
        this.takenOf = new AtomicIntegerArray(loops.size());
        this.pressedOf = new AtomicIntegerArray(loops.size());
        this.members = new AtomicReferenceArray<>(loops.size());
    }

    public int connectionsMax() {
        return connectionsMax;
    }

    public int taken() {
        return taken.get();
    }

    void register(int loop, Member member) {
        members.set(loop, member);
    }

    boolean isFull() {
        return taken.get() >= connectionsMax;
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
            if (waitersOf.get(loop) > 0 && members.get(loop) != null) {
                loops.get(loop).execute(members.get(loop)::permitIsFree);
            }
        }
    }

    /** Hands a permit to another loop. */
    void move(int fromLoop, int toLoop) {
        takenOf.decrementAndGet(fromLoop);
        takenOf.incrementAndGet(toLoop);
        loops.get(toLoop).execute(members.get(toLoop)::granted);
    }

    /** All permits are taken: asks the other loops to close a connection unused for a while. */
    void askForRoom(int loop) {
        shedOthers(loop, false);
    }

    /**
     * A statement of this loop has waited for long, or its loop has no connection that could serve
     * it: another loop is to close an idle connection, or else the next one that comes back.
     */
    void press(int loop) {
        if (pressedOf.compareAndSet(loop, 0, 1)) {
            pressed.incrementAndGet();
            shedOthers(loop, true);
        }
    }

    /**
     * A loop is no longer pressed.
     *
     * @return whether it was; whoever hears so before others do is to {@link #move} a permit there
     */
    boolean relieve(int loop) {
        boolean was = pressedOf.compareAndSet(loop, 1, 0);
        if (was) {
            pressed.decrementAndGet();
        }
        return was;
    }

    private void shedOthers(int loop, boolean urgent) {
        for (int other = 0; other < loops.size(); other++) {
            Member member = members.get(other);
            if (other != loop && member != null) {
                loops.get(other).execute(() -> member.shed(loop, urgent));
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
        if (waitersOf.decrementAndGet(loop) == 0) {
            relieve(loop);
        }
    }

    int waiters() {
        return waiters.get();
    }

    /** The loop, if any, to which this one must {@link #move} the permit of a free connection. */
    OptionalInt receiver(int loop, boolean ownWaiters) {
        if (pressed.get() == 0 || !isFull()) {
            return OptionalInt.empty();
        }
        for (int step = 1; step < loops.size(); step++) {
            int other = (loop + step) % loops.size();
            if (pressedOf.get(other) > 0
                    && (!ownWaiters || hasMoreThanItsShare(loop, other))
                    && relieve(other)) {
                return OptionalInt.of(other);
            }
        }
        return OptionalInt.empty();
    }

    /** With fewer connections than loops no share is even; they go round. */
    private boolean hasMoreThanItsShare(int loop, int other) {
        return takenOf.get(other) == 0
                || (takenOf.get(loop) > fairShare && takenOf.get(loop) > takenOf.get(other));
    }
}
