package io.shardway.router.topology;

import java.util.function.UnaryOperator;

/**
 * Where all proxies and tools find and change the topology. Thread-safe; methods block and may be
 * called on virtual threads, never on an event loop. Failures are {@code ShardwayException}s of the
 * 3xxx section.
 */
public interface TopologyStore {

    /** Whether a topology has been created. */
    boolean isInitialized();

    /** The newest topology: one that was current at some moment during this call. */
    Topology read();

    /**
     * Stores the first topology, at epoch 1, and returns it as stored. Refuses when there is one.
     */
    Topology create(Topology first);

    /**
     * Changes the topology and returns it as stored. What the change returns gets the next epoch,
     * whatever epoch it carries; a keyspace whose schema epoch, key or tables differ gets that
     * number as its schema epoch too, so that a schema epoch never repeats, even when a keyspace is
     * dropped and made again. When somebody else was faster, the change is applied again to the
     * newer topology: it must be a pure function. An exception it throws ends the update.
     */
    Topology update(UnaryOperator<Topology> change);

    /**
     * Hands over the present topology, if there is one, and each newer one. Not every epoch is
     * seen, but the last one always is, and none twice or backwards.
     */
    Watch watch(TopologyListener listener);

    /** Tells of every loss of the store and of every return, not of the state at the start. */
    Watch watchConnection(ConnectionListener listener);

    TopologyHealth health();
}
