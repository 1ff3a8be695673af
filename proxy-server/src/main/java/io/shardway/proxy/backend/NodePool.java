package io.shardway.proxy.backend;

import io.netty.channel.EventLoop;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop's connections to one node: idle ones, leased ones, and the statements that wait.
 * Confined to its event loop.
 */
public final class NodePool {

    private static final Logger LOG = LoggerFactory.getLogger(NodePool.class);

    /**
     * A connection is closed for a statement it cannot serve, of another loop or another flavour,
     * once the statement has waited for so long, or the connection has been idle for so long. Under
     * steady load statements wait for less; a login costs as much as fifty of them.
     */
    private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Node node;
    private final EventLoop loop;
    private final int loopIndex;
    private final NodeLimit limit;
    private final NodeConnector connector;
    private final PoolLimits limits;
    private final PoolListener listener;
    private final Set<BackendConnection> open = new LinkedHashSet<>();
    private final IdleConnections idle = new IdleConnections();
    private final ComingConnections coming = new ComingConnections();
    private final WaitingLine waiters;
    private final NodeTrouble trouble;
    private final Map<BackendConnection, Integer> promised = new HashMap<>();
    private boolean retired;
    private boolean watching;
    private long askedNanos;
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
        this.waiters = new WaitingLine(node, loop, loopIndex, limit, listener);
        this.trouble = new NodeTrouble(limits);
        this.askedNanos = loop.ticker().nanoTime() - SETTLED_NANOS;
        limit.register(
                loopIndex,
                new NodeLimit.Member() {
                    @Override
                    public void permitIsFree() {
                        serveWaiters();
                    }

                    @Override
                    public void granted() {
                        takeGrant();
                    }

                    @Override
                    public void shed(int receiver, boolean pressed) {
                        shedFor(receiver, pressed);
                    }
                });
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
        if (waiters.firstFor(flavour) == null) {
            BackendConnection free = idle.take(flavour, profile);
            if (free != null) {
                receiver.leased(free);
                return;
            }
        }
        if (trouble.isTooLong()) {
            receiver.refused(trouble.reason().orElseThrow());
            return;
        }
        if (!waiters.tryJoin(flavour, receiver)) {
            receiver.refused(
                    new ShardwayException(ErrorCode.TOO_MANY_WAITERS, "node " + node.name()));
            return;
        }
        watchWaiters();
        serveWaiters();
    }

    /** One timer for all who wait: they wait equally long, so the first one's end comes first. */
    private void watchWaiters() {
        Waiter first = waiters.first();
        if (watching || first == null) {
            return;
        }
        watching = true;
        long remaining = trouble.patience().toNanos() - waiters.waitedNanos(first);
        loop.schedule(
                this::lookAfterWaiters,
                Math.clamp(remaining, 0, SETTLED_NANOS),
                TimeUnit.NANOSECONDS);
    }

    private void lookAfterWaiters() {
        watching = false;
        endLateWaiters();
        serveWaiters();
        watchWaiters();
    }

    private void endLateWaiters() {
        long limitNanos = trouble.patience().toNanos();
        for (Waiter waiter : waiters.all()) {
            if (waiters.waitedNanos(waiter) < limitNanos) {
                break;
            }
            giveUp(waiter);
        }
    }

    /**
     * Takes a connection back. It must be free, without transaction, and usable or closed; one with
     * a transaction is closed.
     */
    public void giveBack(BackendConnection connection) {
        connection.unused();
        if (!connection.isUsable()) {
            return;
        }
        if (connection.inTransaction()) {
            // Writes of who leased it next would be part of a transaction nobody commits.
            LOG.error("event=given-back-in-transaction {}", connection);
            connection.close();
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
        OptionalInt receiver = limit.receiver(loopIndex, !waiters.isEmpty());
        if (receiver.isPresent()) {
            promise(connection, receiver.getAsInt());
            return;
        }
        Waiter waiter = waiters.firstUncovered(coming);
        if (waiter != null && waiter.flavour.equals(connection.flavour())) {
            waiters.serve(waiter, connection);
        } else if (waiter != null && isPressing(waiter)) {
            coming.replaces(connection, waiter.flavour);
            connection.quit();
        } else {
            keep(connection);
        }
    }

    /** Closes a connection so that another loop may have one. */
    private void promise(BackendConnection connection, int receiver) {
        promised.put(connection, receiver);
        connection.quit();
    }

    /** Whether a statement is not to wait until a connection that fits it comes back. */
    private boolean isPressing(Waiter waiter) {
        if (waiters.waitedNanos(waiter) >= SETTLED_NANOS) {
            return true;
        }
        for (BackendConnection connection : open) {
            if (connection.flavour().equals(waiter.flavour)) {
                return false;
            }
        }
        return true;
    }

    /** The first who fits takes it; the others have one coming, or have not waited for long. */
    private void keep(BackendConnection connection) {
        Waiter waiter = waiters.firstFor(connection.flavour());
        if (waiter == null) {
            idle.add(connection);
        } else {
            waiters.serve(waiter, connection);
        }
    }

    private boolean isTooOld(BackendConnection connection) {
        return nanosSince(connection.openedNanos()) > limits.lifetimeMax().toNanos();
    }

    private void giveUp(Waiter waiter) {
        if (!waiter.ended) {
            waiters.giveUp(waiter, trouble.reason().orElseGet(() -> timedOut(waiter)));
        }
    }

    /** Too few connections, or a node that is slow to take those that are being made. */
    private ShardwayException timedOut(Waiter waiter) {
        long waitedMillis = waiters.waitedNanos(waiter) / 1_000_000;
        if (coming.connecting(waiter.flavour) >= waiters.countFor(waiter.flavour)) {
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
        waiters.forget(receiver);
    }

    /** Opens connections for those who wait, as far as the limit allows. */
    private void serveWaiters() {
        Waiter first = waiters.first();
        if (retired || reconnectScheduled || first == null) {
            return;
        }
        if (limit.isFull() && coming.isEmpty()) {
            makeRoomFor(first);
            return;
        }
        Map<BackendFlavour, Integer> covering = coming.all();
        for (Waiter waiter : waiters.all()) {
            if (ComingConnections.takeOne(covering, waiter.flavour)) {
                continue;
            }
            if (!limit.tryTake(loopIndex)) {
                makeRoomFor(waiter);
                return;
            }
            connect(waiter.flavour);
            if (trouble.isPresent()) {
                return;
            }
        }
    }

    /** Closes an idle connection of ours, which is of another flavour, or of another loop. */
    private void makeRoomFor(Waiter waiter) {
        boolean pressing = isPressing(waiter);
        BackendConnection eldest = idle.removeEldest(pressing ? 0 : SETTLED_NANOS);
        if (eldest != null) {
            coming.replaces(eldest, waiter.flavour);
            eldest.quit();
        } else if (pressing) {
            limit.press(loopIndex);
        } else if (loop.ticker().nanoTime() - askedNanos >= SETTLED_NANOS) {
            askedNanos = loop.ticker().nanoTime();
            limit.askForRoom(loopIndex);
        }
    }

    private void shedFor(int receiver, boolean pressed) {
        if (idle.isEmpty() || !limit.isFull() || (pressed && !limit.relieve(receiver))) {
            return;
        }
        BackendConnection eldest = idle.removeEldest(pressed ? 0 : SETTLED_NANOS);
        if (eldest != null) {
            promise(eldest, receiver);
        }
    }

    /** Another loop closed a connection for one who waits here. */
    private void takeGrant() {
        Waiter waiter = waiters.firstUncovered(coming);
        if (waiter == null || retired || reconnectScheduled) {
            limit.give(loopIndex);
        } else {
            connect(waiter.flavour);
        }
    }

    private void connect(BackendFlavour flavour) {
        coming.begun(flavour);
        connector.connect(
                node,
                flavour,
                loop,
                this::isGone,
                new NodeConnector.Result() {
                    @Override
                    public void connected(BackendConnection connection) {
                        coming.ended(flavour);
                        open.add(connection);
                        trouble.ended();
                        giveBackFresh(connection);
                    }

                    @Override
                    public void failed(ShardwayException reason) {
                        coming.ended(flavour);
                        limit.give(loopIndex);
                        if (reason.code() == ErrorCode.KEYSPACE_ACCOUNT_MISSING) {
                            listener.troubled(node, reason);
                            waiters.refuse(flavour.account(), reason);
                        } else {
                            troubled(reason);
                        }
                    }
                });
    }

    private void giveBackFresh(BackendConnection connection) {
        Waiter waiter = waiters.firstFor(connection.flavour());
        if (waiter == null) {
            giveBack(connection);
        } else {
            waiters.serve(waiter, connection);
        }
        serveWaiters();
    }

    private void troubled(ShardwayException reason) {
        trouble.noted(reason);
        listener.troubled(node, reason);
        if (trouble.isTooLong()) {
            waiters.refuseAll(reason);
        }
        scheduleReconnect();
    }

    /** Closes idle connections of plain keyspaces that are gone. */
    public void keepOnly(Set<String> plainKeyspaces) {
        idle.closeIf(connection -> {
            BackendAccount account = connection.flavour().account();
            return account.isPlain() && !plainKeyspaces.contains(account.keyspace());
        });
    }

    private void scheduleReconnect() {
        if (!reconnectScheduled && !retired) {
            reconnectScheduled = true;
            loop.schedule(this::reconnect, trouble.nextReconnectMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void reconnect() {
        reconnectScheduled = false;
        if (retired || (waiters.isEmpty() && !trouble.isPresent())) {
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
        if (trouble.isPresent() && !coming.isConnecting()) {
            // No room for a try; while there is trouble, somebody must go on trying.
            scheduleReconnect();
        }
    }

    private void isGone(BackendConnection connection) {
        idle.remove(connection);
        coming.closed(connection);
        Integer receiver = promised.remove(connection);
        if (open.remove(connection)) {
            if (receiver == null) {
                limit.give(loopIndex);
            } else {
                limit.move(loopIndex, receiver);
            }
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
        idle.closeIf(connection ->
                isTooOld(connection)
                        || nanosSince(connection.lastUsedNanos()) > limits.idleTimeout().toNanos());
    }

    /** The node left the topology, or the proxy stops: nothing new, idle connections close. */
    public void retire() {
        retired = true;
        idle.closeAll();
        waiters.refuseAll(gone());
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
                trouble.reason().map(ShardwayException::getMessage));
    }

    /** Figures of one loop's part of a pool. Immutable. */
    public record PoolFigures(int open, int idle, int waiters, Optional<String> trouble) {}

    private static long nanosSince(long then) {
        return System.nanoTime() - then;
    }
}
