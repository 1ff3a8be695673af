package io.shardway.difftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A difference that was found, as a file: the seed of {@link AwkwardTables#rows}, then the
 * session's statements, a line each. Immutable.
 */
public record KeptCase(long rows, Episode episode) {

    private static final String ROWS = "rows ";
    private static final String PREPARED = "prepared";

    /** What the file says. */
    public static KeptCase read(Path file) throws IOException {
        List<String> lines =
                Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .toList();
        if (lines.size() < 3 || !lines.getFirst().startsWith(ROWS)) {
            throw new IOException(file + " is no case: rows <seed>, text or prepared, statements");
        }
        long rows = Long.parseLong(lines.getFirst().substring(ROWS.length()).strip());
        boolean prepared = lines.get(1).equals(PREPARED);
        return new KeptCase(rows, new Episode(lines.subList(2, lines.size()), prepared));
    }

    /** Writes it, with the two answers as comments. */
    public static void write(Path file, long rows, Difference difference) throws IOException {
        Episode episode = difference.episode();
        var lines = new ArrayList<String>();
        lines.add("# differs in: " + Bound.text(difference.statement()));
        lines.add("# MySQL:    " + oneLine(difference.mysql()));
        lines.add("# Shardway: " + oneLine(difference.shardway()));
        lines.add(ROWS + rows);
        lines.add(episode.prepared() ? PREPARED : "text");
        episode.statements().stream().map(KeptCase::oneLine).forEach(lines::add);
        Files.writeString(file, lines.stream().collect(Collectors.joining("\n", "", "\n")));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
