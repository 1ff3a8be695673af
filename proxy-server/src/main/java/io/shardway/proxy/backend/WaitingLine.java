package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements that wait for a connection to one node, in the order in which they came. Whoever
 * leaves the line is no longer counted by the node's limit, for whatever reason. Confined to its
 * event loop.
 */
final class WaitingLine {

    private final Node node;
    private final EventLoop loop;
    private final int loopIndex;
    private final NodeLimit limit;
    private final NodePool.PoolListener listener;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    WaitingLine(
            Node node,
            EventLoop loop,
            int loopIndex,
            NodeLimit limit,
            NodePool.PoolListener listener) {
        this.node = node;
        this.loop = loop;
        this.loopIndex = loopIndex;
        this.limit = limit;
        this.listener = listener;
    }

    /** False if too many wait already. */
    boolean tryJoin(BackendFlavour flavour, LeaseReceiver receiver) {
        if (!limit.tryWait(loopIndex)) {
            return false;
        }
        waiters.add(new Waiter(flavour, receiver, loop.ticker().nanoTime()));
        return true;
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    int size() {
        return waiters.size();
    }

    @Nullable Waiter first() {
        return waiters.peekFirst();
    }

    /** Those who wait now; they may end while the list is gone through. */
    List<Waiter> all() {
        return List.copyOf(waiters);
    }

    @Nullable Waiter firstFor(BackendFlavour flavour) {
        for (Waiter waiter : waiters) {
            if (waiter.flavour.equals(flavour)) {
                return waiter;
            }
        }
        return null;
    }

    int countFor(BackendFlavour flavour) {
        int count = 0;
        for (Waiter waiter : waiters) {
            if (waiter.flavour.equals(flavour)) {
                count++;
            }
        }
        return count;
    }

    /** The first for whom no connection is being made, nor room for one. */
    @Nullable Waiter firstUncovered(ComingConnections coming) {
        if (coming.isEmpty()) {
            return waiters.peekFirst();
        }
        Map<BackendFlavour, Integer> left = coming.all();
        for (Waiter waiter : waiters) {
            if (!ComingConnections.takeOne(left, waiter.flavour)) {
                return waiter;
            }
        }
        return null;
    }

    void serve(Waiter waiter, BackendConnection connection) {
        leave(waiter);
        listener.waited(node, waitedNanos(waiter));
        waiter.receiver.leased(connection);
    }

    void giveUp(Waiter waiter, ShardwayException reason) {
        leave(waiter);
        listener.waited(node, waitedNanos(waiter));
        waiter.receiver.refused(reason);
    }

    void refuseAll(ShardwayException reason) {
        for (Waiter waiter = waiters.peek(); waiter != null; waiter = waiters.peek()) {
            leave(waiter);
            waiter.receiver.refused(reason);
        }
    }

    /** Those who wait for another account's connections have no part in it. */
    void refuse(BackendAccount account, ShardwayException reason) {
        for (Waiter waiter : all()) {
            if (!waiter.ended && waiter.flavour.account().equals(account)) {
                leave(waiter);
                waiter.receiver.refused(reason);
            }
        }
    }

    /** Lets a waiter go that its session no longer needs; it hears nothing. */
    void forget(LeaseReceiver receiver) {
        for (Waiter waiter : waiters) {
            if (waiter.receiver == receiver) {
                leave(waiter);
                return;
            }
        }
    }

    private void leave(Waiter waiter) {
        waiter.ended = true;
        waiters.remove(waiter);
        limit.waited(loopIndex);
    }

    /** By the event loop's own clock, which its timers follow. */
    long waitedNanos(Waiter waiter) {
        return loop.ticker().nanoTime() - waiter.sinceNanos;
    }
}
