package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a second cluster out of a directory, in this process and in others. Thread-safe. */
final class DirectoryLock implements AutoCloseable {

    /**
     * What this process has locked. It must not even open those files again: closing any channel of
     * a file gives up all locks the process has on it.
     */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DirectoryLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static DirectoryLock take(Path directory) {
        return tryTake(directory)
                .orElseThrow(() ->
                        new ClusterProblem(
                                "Another Shardway cluster runs in %s: stop it or choose another directory."
                                        .formatted(directory)));
    }

    /** Empty if somebody has it. */
    static Optional<DirectoryLock> tryTake(Path directory) {
        try {
            Path file = directory.toRealPath().resolve("cluster.lock");
            if (!OURS.add(file)) {
                return Optional.empty();
            }
            Optional<DirectoryLock> taken = Optional.empty();
            try {
                taken = lock(file);
            } finally {
                if (taken.isEmpty()) {
                    OURS.remove(file);
                }
            }
            return taken;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<DirectoryLock> lock(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new DirectoryLock(file, channel));
    }

    @Override
    public void close() {
        try {
            channel.close();
            OURS.remove(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
