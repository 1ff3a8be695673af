package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A cluster of our own. */
final class LocalSite {
    private LocalSite() {}

    static BenchSite start(
            Path directory,
            List<String> names,
            BenchTables tables,
            Optional<Path> profile,
            PrintWriter progress) {
        throw new UserProblem("not yet");
    }
}
