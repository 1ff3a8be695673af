package io.shardway.cluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks the server distribution that comes as a jar. Stateless. */
final class Archive {

    private static final int OWNER_MAY_EXECUTE = 0100;

    private Archive() {}

    /**
     * Unpacks a {@code tar.gz}. Links that point outside are left out: the distribution holds two
     * that name a directory below {@code /tmp}, where anyone could put a library of his own.
     */
    static void unpack(InputStream compressed, Path target) throws IOException {
        try (var entries =
                new TarArchiveInputStream(
                        new GZIPInputStream(new BufferedInputStream(compressed)))) {
            for (TarArchiveEntry entry; (entry = entries.getNextEntry()) != null; ) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("The archive names a file outside: " + entry.getName());
                }
                unpack(entry, entries, path, target);
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path path, Path target)
            throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Path linked = path.resolveSibling(entry.getLinkName()).normalize();
            if (linked.startsWith(target)) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            }
            return;
        }
        Files.copy(content, path);
        boolean executable = (entry.getMode() & OWNER_MAY_EXECUTE) != 0;
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
