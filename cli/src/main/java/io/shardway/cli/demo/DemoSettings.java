package io.shardway.cli.demo;

import io.shardway.cli.UserProblem;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a demo is made of. Immutable.
 *
 * @param shards empty: two, or what a kept directory holds
 * @param replicas of each shard; empty: one, or what a kept directory holds
 * @param directory kept with its data; empty: a temporary one
 */
public record DemoSettings(
        OptionalInt shards,
        OptionalInt replicas,
        int port,
        Optional<Path> directory,
        Optional<Path> tables) {

    public static final int DEFAULT_PORT = 3307;

    public DemoSettings {
        require(within(shards, 1, 16), "--shards must be 1 to 16, is " + text(shards));
        require(within(replicas, 0, 5), "--replicas must be 0 to 5, is " + text(replicas));
        require(port >= 1 && port <= 65_535, "--port must be 1 to 65535, is " + port);
    }

    private static boolean within(OptionalInt value, int least, int most) {
        return value.isEmpty() || (value.getAsInt() >= least && value.getAsInt() <= most);
    }

    private static String text(OptionalInt value) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : "";
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UserProblem(message + ".");
        }
    }
}
