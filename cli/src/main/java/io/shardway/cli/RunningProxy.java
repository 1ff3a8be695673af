package io.shardway.cli;

import java.util.Optional;

/** A proxy in this JVM. Thread-safe. */
public interface RunningProxy extends AutoCloseable {

    int port();

    /** Where health and metrics are, if they are offered. */
    Optional<Integer> managementPort();

    /** Waits until it has stopped: by {@link #close}, or because another process took its name. */
    void awaitStopped() throws InterruptedException;

    /** Drains, then stops; returns within the proxy's own bound. */
    @Override
    void close();
}
