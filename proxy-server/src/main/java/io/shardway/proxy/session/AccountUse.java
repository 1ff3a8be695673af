package io.shardway.proxy.session;

import java.util.concurrent.atomic.AtomicInteger;

/** What all sessions of one account use of this proxy together. Thread-safe. */
final class AccountUse {

    private final AtomicInteger statements = new AtomicInteger();
    private int connections;

    /** Guarded by the map that holds it. */
    int connections() {
        return connections;
    }

    void addConnections(int number) {
        connections += number;
    }

    /** Takes a place for a statement; false when there is none. */
    boolean takeStatement(int max) {
        if (statements.incrementAndGet() > max) {
            statements.decrementAndGet();
            return false;
        }
        return true;
    }

    void endStatement() {
        statements.decrementAndGet();
    }
}
