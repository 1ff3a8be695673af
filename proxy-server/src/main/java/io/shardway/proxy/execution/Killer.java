package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;

/** Interrupts what runs on a backend connection. Called on the connection's event loop. */
public interface Killer {

    /**
     * KILL QUERY on the node, over a connection of the operators' own. The interrupted connection
     * is not lent to anybody until the node has acknowledged.
     */
    void interrupt(BackendConnection connection);
}
