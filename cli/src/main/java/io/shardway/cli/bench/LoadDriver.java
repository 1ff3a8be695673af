package io.shardway.cli.bench;

import java.time.Duration;

/** Sends load and measures what comes back. Used by one thread. */
interface LoadDriver {

    /** Such as {@code sysbench 1.0.20}. */
    String name();

    Measured run(Target target, LoadCase load, Duration duration);

    /** Statements per second, second by second. */
    double[] curve(Target target, LoadCase load, int seconds);
}
