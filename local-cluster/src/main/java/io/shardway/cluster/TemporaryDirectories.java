package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Directories of clusters nobody wants to keep. Stateless. */
final class TemporaryDirectories {

    private static final String PREFIX = "shardway-cluster-";
    private static final Duration TIME_TO_LOCK = Duration.ofMinutes(5);

    private TemporaryDirectories() {}

    /** A fresh one, deleted by the closers; also deletes those of killed processes. */
    static Path create(Closers closers) {
        try {
            deleteAbandoned(Path.of(System.getProperty("java.io.tmpdir")));
            Path directory = Files.createTempDirectory(PREFIX).toRealPath();
            closers.add(() -> delete(directory));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One whose lock is free belongs to nobody, once its maker has had the time to lock it. */
    private static void deleteAbandoned(Path parent) throws IOException {
        Instant old = Instant.now().minus(TIME_TO_LOCK);
        try (var found = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path directory : found) {
                if (Files.isWritable(directory)
                        && Files.getLastModifiedTime(directory).toInstant().isBefore(old)) {
                    Optional<DirectoryLock> lock = DirectoryLock.tryTake(directory);
                    if (lock.isPresent()) {
                        Trees.delete(directory);
                        lock.get().close();
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // Another process cleans up as well.
        }
    }

    private static void delete(Path directory) {
        try {
            Trees.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
