package io.shardway.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** What was asked of {@link LocalCluster.Builder}; what is empty was left open. Immutable. */
record ClusterOptions(
        OptionalInt shards,
        OptionalInt replicas,
        Optional<Path> directory,
        OptionalInt basePort,
        Optional<String> rootPassword,
        boolean performanceSchema,
        boolean localInfile,
        List<String> extraArguments,
        boolean stopAtJvmEnd,
        Consumer<String> output) {

    static final int DEFAULT_SHARDS = 2;
    static final int DEFAULT_REPLICAS = 1;
    private static final int SHARDS_MAX = 63;
    private static final int REPLICAS_MAX = 25;

    ClusterOptions {
        requireBetween(1, SHARDS_MAX, shards.orElse(DEFAULT_SHARDS), "shards");
        requireBetween(0, REPLICAS_MAX, replicas.orElse(DEFAULT_REPLICAS), "replicas");
        requireBetween(1, 65_535, basePort.orElse(1), "the base port");
        extraArguments = List.copyOf(extraArguments);
    }

    private static void requireBetween(int min, int max, int value, String what) {
        if (value < min || value > max) {
            throw new ClusterProblem(
                    "%s must be from %d to %d, not %d.".formatted(what, min, max, value));
        }
    }
}
