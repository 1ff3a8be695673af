package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Where a node keeps its things. Immutable. */
record NodeFiles(Path directory) {

    private static final Duration FORMER_PROCESS_BOUND = Duration.ofSeconds(20);

    Path data() {
        return directory.resolve("data");
    }

    Path errorLog() {
        return directory.resolve("mysqld.log");
    }

    /** What mysqld runs before it first listens; there until that has happened. */
    Path firstStatements() {
        return directory.resolve("first-start.sql");
    }

    private Path processId() {
        return directory.resolve("process-id");
    }

    boolean hasData() {
        return Files.isDirectory(data());
    }

    void rememberProcess(long pid) {
        try {
            Files.writeString(processId(), Long.toString(pid));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server whose JVM was killed takes a moment to end. */
    void awaitFormerProcessGone(String name) {
        if (!Files.exists(processId())) {
            return;
        }
        try {
            String pid = Files.readString(processId()).strip();
            Waiting.until(
                    "the former process " + pid + " of MySQL node " + name + " to end",
                    FORMER_PROCESS_BOUND,
                    () -> !usesData(pid));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process id may long be somebody else's. */
    private boolean usesData(String pid) {
        try {
            return Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.ISO_8859_1)
                    .contains("--datadir=" + data() + "\0");
        } catch (IOException e) {
            return false;
        }
    }

    long logLength() {
        try {
            return Files.exists(errorLog()) ? Files.size(errorLog()) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines written behind that position. */
    List<String> logLinesFrom(long position) {
        try {
            byte[] log = Files.readAllBytes(errorLog());
            int start = (int) Math.min(position, log.length);
            return new String(log, start, log.length - start, StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
