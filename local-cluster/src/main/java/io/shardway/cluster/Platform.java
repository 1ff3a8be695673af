package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine is and has room for. Immutable. */
record Platform(String system, String architecture) {

    private static final long MEGABYTE = 1024 * 1024;

    static Platform current() {
        return new Platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** The bundled distribution holds a server for one kind of machine only. */
    void requireBundledServer() {
        if (!system.equals("Linux") || !architecture.equals("amd64")) {
            throw new ClusterProblem(
                    "The bundled MySQL server runs on Linux x86-64 only and this is %s %s: use Docker, or name an installed MySQL 8 with %s."
                            .formatted(
                                    system, architecture, MySqlBinaries.INSTALLED_HOME_VARIABLE));
        }
    }

    static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            return System.getProperty("user.name").equals("root");
        }
    }

    /** Makes the directory and proves that files can be written into it. */
    static void requireWritable(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, "write", ".probe"));
        } catch (FileAlreadyExistsException e) {
            throw new ClusterProblem(
                    e.getFile() + " is not a directory: choose another place for the cluster.", e);
        } catch (AccessDeniedException e) {
            throw new ClusterProblem(
                    "User %s may not write into %s: choose another directory."
                            .formatted(System.getProperty("user.name"), directory),
                    e);
        } catch (FileSystemException e) {
            throw new ClusterProblem(
                    "Nothing can be written into %s: %s.".formatted(directory, e.getReason()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** MySQL hangs, half alive, when the disk fills up; so it is asked before. */
    static void requireSpace(Path directory, long megabytes) {
        try {
            requireSpace(directory, megabytes, Files.getFileStore(directory).getUsableSpace());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void requireSpace(Path directory, long megabytes, long usableBytes) {
        if (usableBytes < megabytes * MEGABYTE) {
            throw new ClusterProblem(
                    "The disk that holds %s has %d MB left and this needs %d MB: free some space or choose another directory."
                            .formatted(directory, usableBytes / MEGABYTE, megabytes));
        }
    }
}
