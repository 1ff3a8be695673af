package io.shardway.cli.bench;

/**
 * What a load driver saw in one run. Immutable.
 *
 * @param statements all that were answered
 * @param p50Millis latency of an event (for read_only that is a transaction)
 */
record Measured(long statements, double seconds, double p50Millis, double p99Millis) {

    double statementsPerSecond() {
        return statements / seconds;
    }
}
