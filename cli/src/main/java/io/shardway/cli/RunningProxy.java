package io.shardway.cli;

/** A proxy in this JVM. Thread-safe. */
public interface RunningProxy extends AutoCloseable {

    int port();

    /** Drains, then stops; returns within the proxy's own bound. */
    @Override
    void close();
}
