package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * A directory of things that are expensive to make and never change once made. Thread-safe, also
 * between processes.
 *
 * <p>A thing appears under its name by one rename, so that a half made one is never seen; a file
 * lock keeps two processes from making the same thing twice.
 */
record CacheDirectory(Path root) {

    private static final String UNFINISHED = "unfinished-";
    private static final Object ONE_MAKER_PER_PROCESS = new Object();

    /** Fills the directory it is given. */
    interface Maker {
        void make(Path directory) throws IOException;
    }

    /** The directory all clusters of this user share. */
    static CacheDirectory ofUser() {
        String cacheHome = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path base =
                cacheHome.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(cacheHome);
        return new CacheDirectory(base.resolve("shardway").toAbsolutePath());
    }

    /** The directory of that name, made now if it is not there yet. */
    Path once(String name, Maker maker) {
        Path finished = root.resolve(name);
        if (Files.isDirectory(finished)) {
            return finished;
        }
        Platform.requireWritable(root);
        // A file lock belongs to the whole process, so threads need a lock of their own.
        synchronized (ONE_MAKER_PER_PROCESS) {
            try (var channel =
                            FileChannel.open(
                                    root.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                if (!Files.isDirectory(finished)) {
                    makeAndRename(finished, maker);
                }
                return finished;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void makeAndRename(Path finished, Maker maker) throws IOException {
        deleteUnfinished();
        Path unfinished = Files.createTempDirectory(root, UNFINISHED);
        try {
            maker.make(unfinished);
            Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Trees.delete(unfinished);
        }
    }

    /** Whoever left these behind was killed: the lock is ours. */
    private void deleteUnfinished() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            for (Path entry : entries.toList()) {
                if (entry.getFileName().toString().startsWith(UNFINISHED)) {
                    Trees.delete(entry);
                }
            }
        }
    }
}
