package io.shardway.proxy;

import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.KeyspaceChange;

/**
 * The right to change a keyspace, which one proxy has at a time. A proxy that slept finds out here
 * that it has lost it. Immutable, thread-safe; methods block.
 *
 * @param change what is noted in the topology as long as it is not over
 */
record KeyspaceTurn(String keyspace, KeyspaceChange change, DefinitionJournal.Lock lock)
        implements AutoCloseable {

    /** Throws DEFINITION_TAKEN_OVER if it is somebody else's turn. */
    void requireHeld() {
        lock.requireHeld();
    }

    @Override
    public void close() {
        lock.close();
    }
}
