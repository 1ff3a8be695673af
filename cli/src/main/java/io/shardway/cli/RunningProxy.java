package io.shardway.cli;

import java.util.Optional;

/** A proxy in this JVM. Thread-safe. */
public interface RunningProxy extends AutoCloseable {

    int port();

    /** Where health and metrics are, if they are offered. */
    Optional<Integer> managementPort();

    /** Drains, then stops; returns within the proxy's own bound. */
    @Override
    void close();
}
