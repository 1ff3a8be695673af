package io.shardway.proxy.backend;

import io.shardway.router.ShardwayException;

/** Waits for a backend connection. Confined to its event loop. */
public interface LeaseReceiver {

    /** The connection is the receiver's until it gives it back to its pool. */
    void leased(BackendConnection connection);

    /** None came in time, or none can come. */
    void refused(ShardwayException reason);
}
