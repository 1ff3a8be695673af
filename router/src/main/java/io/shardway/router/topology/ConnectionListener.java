package io.shardway.router.topology;

/** Hears when the store is lost and found. Called by the store's own thread: do not block. */
@FunctionalInterface
public interface ConnectionListener {

    void onConnection(boolean connected);
}
