package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connections to one node: idle ones, leased ones, and the statements that wait.
 * Confined to its event loop.
 */
public final class NodePool {

    private static final int PROFILE_SEARCH_MAX = 4;
    private static final long RECONNECT_MILLIS_MIN = 50;
    private static final long RECONNECT_MILLIS_MAX = 1_000;

    private final Node node;
    private final EventLoop loop;
    private final int loopIndex;
    private final NodeLimit limit;
    private final NodeConnector connector;
    private final PoolLimits limits;
    private final PoolListener listener;
    private final ArrayDeque<BackendConnection> idle = new ArrayDeque<>();
    private final Set<BackendConnection> open = new LinkedHashSet<>();
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    private final Map<BackendFlavour, Integer> connecting = new HashMap<>();
    private final Map<BackendConnection, BackendFlavour> replacing = new HashMap<>();
    private boolean retired;
    private boolean watching;
    private Optional<ShardwayException> trouble = Optional.empty();
    private long troubleSinceNanos;
    private long reconnectMillis = RECONNECT_MILLIS_MIN;
    private boolean reconnectScheduled;

    /** The pool's bounds. Immutable. */
    public record PoolLimits(
            Duration acquireTimeout,
            Duration fencedHoldMax,
            Duration idleTimeout,
            Duration lifetimeMax) {}

    /** Hears of a node's trouble. Called on the event loop. */
    public interface PoolListener {
        /** The node refused this proxy, or cut its connections: the topology may have changed. */
        void troubled(Node node, ShardwayException reason);

        void waited(Node node, long nanos);
    }

    private static final class Waiter {
        private final BackendFlavour flavour;
        private final LeaseReceiver receiver;
        private final long sinceNanos;
        private boolean ended;

        private Waiter(BackendFlavour flavour, LeaseReceiver receiver, long sinceNanos) {
            this.sinceNanos = sinceNanos;
            this.flavour = flavour;
            this.receiver = receiver;
        }
    }

    public NodePool(
            Node node,
            EventLoop loop,
            int loopIndex,
            NodeLimit limit,
            NodeConnector connector,
            PoolLimits limits,
            PoolListener listener) {
        this.node = node;
        this.loop = loop;
        this.loopIndex = loopIndex;
        this.limit = limit;
        this.connector = connector;
        this.limits = limits;
        this.listener = listener;
        limit.register(loopIndex, this::serveWaiters, this::shedIdle);
    }

    public Node node() {
        return node;
    }

    /** Leases a connection, at once if one is free. The receiver is called exactly once. */
    public void lease(BackendFlavour flavour, SettingsProfile profile, LeaseReceiver receiver) {
        if (retired) {
            receiver.refused(gone());
            return;
        }
        if (noneWaitsFor(flavour)) {
            BackendConnection free = takeIdle(flavour, profile);
            if (free != null) {
                receiver.leased(free);
                return;
            }
        }
        if (trouble.isPresent()
                && nanosSince(troubleSinceNanos) > limits.fencedHoldMax().toNanos()) {
            receiver.refused(trouble.get());
            return;
        }
        if (!limit.tryWait(loopIndex)) {
            receiver.refused(
                    new ShardwayException(ErrorCode.TOO_MANY_WAITERS, "node " + node.name()));
            return;
        }
        var waiter = new Waiter(flavour, receiver, loop.ticker().nanoTime());
        waiters.add(waiter);
        watchWaiters();
        serveWaiters();
    }

    /** One timer for all who wait: they wait equally long, so the first one's end comes first. */
    private void watchWaiters() {
        Waiter first = waiters.peekFirst();
        if (watching || first == null) {
            return;
        }
        watching = true;
        long remaining = patience().toNanos() - waitedNanos(first);
        loop.schedule(this::endLateWaiters, Math.max(0, remaining), TimeUnit.NANOSECONDS);
    }

    private void endLateWaiters() {
        watching = false;
        long limitNanos = patience().toNanos();
        for (Waiter waiter : List.copyOf(waiters)) {
            if (waitedNanos(waiter) < limitNanos) {
                break;
            }
            giveUp(waiter);
        }
        watchWaiters();
    }

    /** Those who came before for the same kind of connection are served first. */
    private boolean noneWaitsFor(BackendFlavour flavour) {
        for (Waiter waiter : waiters) {
            if (waiter.flavour.equals(flavour)) {
                return false;
            }
        }
        return true;
    }

    private Duration patience() {
        boolean fenced = trouble.isPresent() && trouble.get().code() == ErrorCode.PROXY_FENCED;
        return fenced && limits.fencedHoldMax().compareTo(limits.acquireTimeout()) > 0
                ? limits.fencedHoldMax()
                : limits.acquireTimeout();
    }

    private @Nullable BackendConnection takeIdle(BackendFlavour flavour, SettingsProfile profile) {
        BackendConnection newest = idle.peekFirst();
        if (newest == null) {
            return null;
        }
        if (newest.profile() == profile && newest.flavour().equals(flavour) && newest.isUsable()) {
            return idle.pollFirst();
        }
        BackendConnection first = null;
        int seen = 0;
        for (Iterator<BackendConnection> all = idle.iterator(); all.hasNext(); ) {
            BackendConnection candidate = all.next();
            if (!candidate.isUsable()) {
                all.remove();
                continue;
            }
            if (!candidate.flavour().equals(flavour)) {
                continue;
            }
            if (candidate.profile() == profile) {
                all.remove();
                return candidate;
            }
            if (first == null) {
                first = candidate;
            }
            if (++seen >= PROFILE_SEARCH_MAX) {
                break;
            }
        }
        if (first != null) {
            idle.remove(first);
        }
        return first;
    }

    /** Takes a connection back. It must be free, without transaction, and usable or closed. */
    public void giveBack(BackendConnection connection) {
        connection.unused();
        if (!connection.isUsable()) {
            return;
        }
        if (connection.hasKillsInFlight()) {
            connection.whenNoKillIsUnderWay(() -> giveBack(connection));
            return;
        }
        if (retired || isTooOld(connection)) {
            connection.quit();
            return;
        }
        if (limit.shouldGiveUp(loopIndex, !waiters.isEmpty())) {
            connection.quit();
            return;
        }
        Waiter waiter = firstUncovered();
        if (waiter == null) {
            keep(connection);
        } else if (waiter.flavour.equals(connection.flavour())) {
            waiters.remove(waiter);
            hand(waiter, connection);
        } else {
            replacing.put(connection, waiter.flavour);
            connection.quit();
        }
    }

    /** All who wait have a connection coming; one of this kind takes this one if it can. */
    private void keep(BackendConnection connection) {
        for (Waiter waiter : waiters) {
            if (waiter.flavour.equals(connection.flavour())) {
                waiters.remove(waiter);
                hand(waiter, connection);
                return;
            }
        }
        idle.addFirst(connection);
    }

    /** The first who waits and for whom no connection is being made, nor room for one. */
    private @Nullable Waiter firstUncovered() {
        if (connecting.isEmpty() && replacing.isEmpty()) {
            return waiters.peekFirst();
        }
        Map<BackendFlavour, Integer> coming = coming();
        for (Waiter waiter : waiters) {
            if (!takeOne(coming, waiter.flavour)) {
                return waiter;
            }
        }
        return null;
    }

    private Map<BackendFlavour, Integer> coming() {
        var coming = new HashMap<>(connecting);
        replacing.values().forEach(flavour -> coming.merge(flavour, 1, Integer::sum));
        return coming;
    }

    private static boolean takeOne(Map<BackendFlavour, Integer> coming, BackendFlavour flavour) {
        int left = coming.getOrDefault(flavour, 0);
        if (left == 0) {
            return false;
        }
        if (left == 1) {
            coming.remove(flavour);
        } else {
            coming.put(flavour, left - 1);
        }
        return true;
    }

    private boolean isTooOld(BackendConnection connection) {
        return nanosSince(connection.openedNanos()) > limits.lifetimeMax().toNanos();
    }

    private @Nullable Waiter nextWaiter() {
        while (true) {
            Waiter waiter = waiters.poll();
            if (waiter == null || !waiter.ended) {
                return waiter;
            }
        }
    }

    private void hand(Waiter waiter, BackendConnection connection) {
        waiter.ended = true;
        limit.waited(loopIndex);
        listener.waited(node, waitedNanos(waiter));
        waiter.receiver.leased(connection);
    }

    private void giveUp(Waiter waiter) {
        if (waiter.ended) {
            return;
        }
        ShardwayException reason = trouble.orElseGet(() -> timedOut(waiter));
        waiter.ended = true;
        waiters.remove(waiter);
        limit.waited(loopIndex);
        listener.waited(node, waitedNanos(waiter));
        waiter.receiver.refused(reason);
    }

    /** Too few connections, or a node that is slow to take those that are being made. */
    private ShardwayException timedOut(Waiter waiter) {
        long waitedMillis = waitedNanos(waiter) / 1_000_000;
        long alike = waiters.stream().filter(other -> other.flavour.equals(waiter.flavour)).count();
        if (connecting.getOrDefault(waiter.flavour, 0) >= alike) {
            return new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "node %s: connecting takes longer than %d ms"
                            .formatted(node.name(), waitedMillis));
        }
        return new ShardwayException(
                ErrorCode.POOL_EXHAUSTED,
                "node %s, %d connections, waited %d ms"
                        .formatted(node.name(), limit.connectionsMax(), waitedMillis));
    }

    /** Lets a waiter go that its session no longer needs (KILL, a client that left). */
    public void forget(LeaseReceiver receiver) {
        for (Waiter waiter : waiters) {
            if (waiter.receiver == receiver && !waiter.ended) {
                waiter.ended = true;
                limit.waited(loopIndex);
                waiters.remove(waiter);
                return;
            }
        }
    }

    /** Opens connections for those who wait, as far as the limit allows. */
    private void serveWaiters() {
        if (retired || reconnectScheduled) {
            return;
        }
        Map<BackendFlavour, Integer> coming = coming();
        for (Waiter waiter : List.copyOf(waiters)) {
            if (takeOne(coming, waiter.flavour)) {
                continue;
            }
            if (!limit.tryTake(loopIndex)) {
                makeRoom();
                return;
            }
            connect(waiter.flavour);
            if (trouble.isPresent()) {
                return;
            }
        }
    }

    /**
     * Closes an idle connection of ours (of another flavour, else it would have been taken) or of
     * another loop.
     */
    private void makeRoom() {
        if (idle.isEmpty()) {
            limit.askForRoom(loopIndex);
        } else {
            shedIdle();
        }
    }

    /** Closes the connection idle for longest; its permit goes to a loop where statements wait. */
    private void shedIdle() {
        BackendConnection victim = idle.pollLast();
        if (victim != null) {
            victim.quit();
        }
    }

    private void connect(BackendFlavour flavour) {
        connecting.merge(flavour, 1, Integer::sum);
        connector.connect(
                node,
                flavour,
                loop,
                this::isGone,
                new NodeConnector.Result() {
                    @Override
                    public void connected(BackendConnection connection) {
                        takeOne(connecting, flavour);
                        open.add(connection);
                        trouble = Optional.empty();
                        reconnectMillis = RECONNECT_MILLIS_MIN;
                        giveBackFresh(connection);
                    }

                    @Override
                    public void failed(ShardwayException reason) {
                        takeOne(connecting, flavour);
                        limit.give(loopIndex);
                        troubled(reason);
                    }
                });
    }

    private void giveBackFresh(BackendConnection connection) {
        for (Waiter waiter : waiters) {
            if (waiter.flavour.equals(connection.flavour())) {
                waiters.remove(waiter);
                hand(waiter, connection);
                serveWaiters();
                return;
            }
        }
        giveBack(connection);
        serveWaiters();
    }

    private void troubled(ShardwayException reason) {
        if (trouble.isEmpty()) {
            troubleSinceNanos = System.nanoTime();
        }
        trouble = Optional.of(reason);
        listener.troubled(node, reason);
        if (nanosSince(troubleSinceNanos) > limits.fencedHoldMax().toNanos()) {
            refuseAll(reason);
        }
        scheduleReconnect();
    }

    private void scheduleReconnect() {
        if (!reconnectScheduled && !retired) {
            reconnectScheduled = true;
            loop.schedule(this::reconnect, reconnectMillis, TimeUnit.MILLISECONDS);
            reconnectMillis = Math.min(RECONNECT_MILLIS_MAX, reconnectMillis * 2);
        }
    }

    private void refuseAll(ShardwayException reason) {
        for (Waiter waiter = nextWaiter(); waiter != null; waiter = nextWaiter()) {
            waiter.ended = true;
            limit.waited(loopIndex);
            waiter.receiver.refused(reason);
        }
    }

    private void reconnect() {
        reconnectScheduled = false;
        if (retired || (waiters.isEmpty() && trouble.isEmpty())) {
            return;
        }
        if (waiters.isEmpty()) {
            if (limit.tryTake(loopIndex)) {
                connect(new BackendFlavour(false, false, false));
            } else {
                scheduleReconnect();
            }
            return;
        }
        serveWaiters();
        if (trouble.isPresent() && connecting.isEmpty()) {
            // No room for a try; while there is trouble, somebody must go on trying.
            scheduleReconnect();
        }
    }

    private void isGone(BackendConnection connection) {
        idle.remove(connection);
        replacing.remove(connection);
        if (open.remove(connection)) {
            limit.give(loopIndex);
        }
        if (connection.wasClosedByNode()) {
            listener.troubled(
                    node,
                    new ShardwayException(
                            ErrorCode.BACKEND_UNAVAILABLE, node.name() + " closed a connection"));
        }
        serveWaiters();
    }

    /** Closes what was idle for too long. Called about every second. */
    public void sweep() {
        var old = new ArrayList<BackendConnection>();
        for (BackendConnection connection : idle) {
            if (isTooOld(connection)
                    || nanosSince(connection.lastUsedNanos()) > limits.idleTimeout().toNanos()) {
                old.add(connection);
            }
        }
        idle.removeAll(old);
        old.forEach(BackendConnection::quit);
    }

    /** The node left the topology, or the proxy stops: nothing new, idle connections close. */
    public void retire() {
        retired = true;
        idle.forEach(BackendConnection::quit);
        idle.clear();
        refuseAll(gone());
    }

    private ShardwayException gone() {
        return new ShardwayException(
                ErrorCode.BACKEND_UNAVAILABLE,
                "node " + node.name() + " is no longer in the topology");
    }

    /** What this loop's part of the pool holds now. */
    public PoolFigures figures() {
        return new PoolFigures(
                open.size(),
                idle.size(),
                waiters.size(),
                trouble.map(ShardwayException::getMessage));
    }

    /** Figures of one loop's part of a pool. Immutable. */
    public record PoolFigures(int open, int idle, int waiters, Optional<String> trouble) {}

    /** By the event loop's own clock, which its timers follow. */
    private long waitedNanos(Waiter waiter) {
        return loop.ticker().nanoTime() - waiter.sinceNanos;
    }

    private static long nanosSince(long then) {
        return System.nanoTime() - then;
    }
}
