package io.shardway.router.plan;

import io.shardway.router.sql.SqlDialect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Plan cases kept as text. A case is a line {@code # sentence}, perhaps {@code @ keyspace=blog
 * ansi}, the statement, and {@code => plan}.
 */
final class PlanCases {

    /** One case. The keyspace is store and the dialect MySQL's default unless it says otherwise. */
    record PlanCase(String file, String sentence, String options, String sql, String expected) {

        String keyspace() {
            return Stream.of(options.split(" "))
                    .filter(option -> option.startsWith("keyspace="))
                    .map(option -> option.substring("keyspace=".length()))
                    .findFirst()
                    .orElse("store");
        }

        SqlDialect dialect() {
            return new SqlDialect(
                    options.contains("ansi"),
                    options.contains("nobackslash"),
                    options.contains("pipes"),
                    !options.contains("latin1"),
                    80_031);
        }

        String text(String plan) {
            return "# %s\n%s%s\n=> %s\n\n"
                    .formatted(sentence, options.isEmpty() ? "" : "@ " + options + "\n", sql, plan);
        }
    }

    private static final Path RESOURCES = Path.of("src/test/resources/plans");
    private static final Path ACTUAL = Path.of("target/plans-actual");

    private PlanCases() {}

    static List<PlanCase> all() {
        try (Stream<Path> files = Files.list(RESOURCES)) {
            return files.filter(file -> file.toString().endsWith(".plans"))
                    .sorted()
                    .flatMap(file -> read(file).stream())
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<PlanCase> read(Path file) {
        var result = new ArrayList<PlanCase>();
        String sentence = "";
        String options = "";
        var sql = new ArrayList<String>();
        for (String line : lines(file)) {
            if (line.startsWith("# ") && sql.isEmpty()) {
                sentence = line.substring(2);
            } else if (line.startsWith("@ ")) {
                options = line.substring(2);
            } else if (line.startsWith("=> ")) {
                String text = String.join("\n", sql);
                result.add(
                        new PlanCase(
                                file.getFileName().toString(),
                                sentence,
                                options,
                                text,
                                line.substring(3)));
                options = "";
                sql.clear();
            } else if (!line.isBlank()) {
                sql.add(line);
            }
        }
        return result;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Begins the files that hold what the planner says now. */
    static void clearActual() {
        try {
            Files.createDirectories(ACTUAL);
            try (Stream<Path> files = Files.list(ACTUAL)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static void recordActual(PlanCase planCase, String actual) {
        try {
            Path file = ACTUAL.resolve(planCase.file());
            String before = Files.exists(file) ? Files.readString(file) : "";
            Files.writeString(file, before + planCase.text(actual));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
