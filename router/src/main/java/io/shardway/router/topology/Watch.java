package io.shardway.router.topology;

/**
 * Somebody's wish to be told; closing it ends it. Thread-safe. After {@link #close()} no call of
 * the listener begins, and none is running unless it is the caller itself.
 */
public interface Watch extends AutoCloseable {

    @Override
    void close();
}
