package io.shardway.proxy.frontend;

import io.shardway.proxy.session.CloseReason;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** All clients of this proxy by connection id. Thread-safe. */
public final class FrontendRegistry {

    private static final int COUNTER_BITS = 22;
    private static final int COUNTER_MASK = (1 << COUNTER_BITS) - 1;

    private final Map<Long, FrontendConnection> connections = new ConcurrentHashMap<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger counter = new AtomicInteger();
    private final int proxyNumber;
    private final int connectionsMax;
    private final Consumer<CloseReason> onClose;

    /**
     * @param proxyNumber from 1 to 1023; makes connection ids unique over proxies
     */
    public FrontendRegistry(int proxyNumber, int connectionsMax, Consumer<CloseReason> onClose) {
        this.proxyNumber = proxyNumber;
        this.connectionsMax = connectionsMax;
        this.onClose = onClose;
    }

    /** The proxy that gave a connection id away. */
    public static int proxyNumberOf(long connectionId) {
        return (int) (connectionId >>> COUNTER_BITS);
    }

    /** A number for a new connection that no living connection of the cluster has. */
    long nextId() {
        while (true) {
            long id =
                    (long) proxyNumber << COUNTER_BITS | (counter.incrementAndGet() & COUNTER_MASK);
            if (!connections.containsKey(id)) {
                return id;
            }
        }
    }

    /** Takes a place for a connection; false when there is none. */
    boolean enter() {
        if (accepted.incrementAndGet() > connectionsMax) {
            accepted.decrementAndGet();
            return false;
        }
        return true;
    }

    /** A connection that had entered is closed. */
    void left() {
        accepted.decrementAndGet();
    }

    void loggedIn(FrontendConnection connection) {
        connections.put(connection.session().id(), connection);
    }

    void closed(FrontendConnection connection, CloseReason reason) {
        onClose.accept(reason);
    }

    void gone(FrontendConnection connection) {
        connections.remove(connection.session().id(), connection);
    }

    public Optional<FrontendConnection> find(long id) {
        return Optional.ofNullable(connections.get(id));
    }

    Collection<FrontendConnection> all() {
        return List.copyOf(connections.values());
    }

    public int size() {
        return connections.size();
    }
}
