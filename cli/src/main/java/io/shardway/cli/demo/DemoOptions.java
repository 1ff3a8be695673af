package io.shardway.cli.demo;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How large the demo is, and where it lives. Filled by picocli; one thread. */
final class DemoOptions {

    @Option(names = "--shards", paramLabel = "N", description = "From 1 to 16 (default: 2)")
    private Optional<Integer> shards = Optional.empty();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Of each shard, from 0 to 5 (default: 1)")
    private Optional<Integer> replicas = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "P",
            description = "Where the proxy listens (default: 3307)")
    private int port = DemoSettings.DEFAULT_PORT;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keeps the data there; given again, starts with them (default: no)")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--tables",
            paramLabel = "FILE.sql",
            description = "Runs these statements through the proxy at the start")
    private Optional<Path> tables = Optional.empty();

    DemoSettings settings() {
        return new DemoSettings(orEmpty(shards), orEmpty(replicas), port, data, tables);
    }

    private static OptionalInt orEmpty(Optional<Integer> value) {
        return value.map(OptionalInt::of).orElse(OptionalInt.empty());
    }
}
