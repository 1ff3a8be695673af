package io.shardway.difftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A read over {@link AwkwardTables} and the way that Shardway takes; a line of a file each.
 * Immutable.
 *
 * @param way relay, scatter, finish, assemble
 * @param statement with values in braces
 */
public record FixedCase(String way, String statement) {

    /** All of a file, but for lines that begin with a hash. */
    public static List<FixedCase> read(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(" ", 2))
                .map(parts -> new FixedCase(parts[0], parts[1]))
                .toList();
    }

    @Override
    public String toString() {
        return way + " " + statement;
    }
}
