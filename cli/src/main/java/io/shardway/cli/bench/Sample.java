package io.shardway.cli.bench;

import java.util.Map;

/**
 * One run against one target. Immutable.
 *
 * @param cpuMicros CPU time per statement in microseconds, by process name
 */
record Sample(Measured measured, Map<String, Double> cpuMicros) {

    Sample {
        cpuMicros = Map.copyOf(cpuMicros);
    }
}
