package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * As whom mysqld runs, which refuses to be root unless told so. Immutable.
 *
 * <p>Started by root, a node runs as user {@code mysql} if there is one that can reach the files,
 * otherwise as root: a node below {@code /root} is closed to everyone else.
 */
record RunAs(Optional<String> user) {

    private static final String MYSQL = "mysql";

    static RunAs forFiles(Path... files) {
        if (!Platform.isRoot()) {
            return new RunAs(Optional.empty());
        }
        boolean mysqlCan = mysqlUser().isPresent() && Arrays.stream(files).allMatch(RunAs::isOpen);
        return new RunAs(Optional.of(mysqlCan ? MYSQL : "root"));
    }

    /** Whether anyone may walk down to this path. */
    static boolean isOpen(Path path) {
        for (Path each = path.toAbsolutePath().getParent(); each != null; each = each.getParent()) {
            try {
                if (!Files.getPosixFilePermissions(each)
                        .contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    List<String> arguments() {
        return user.map(name -> List.of("--user=" + name)).orElse(List.of());
    }

    /** Hands the files over to user {@code mysql} where that is who runs the node. */
    void own(Path directory) {
        if (!user.equals(Optional.of(MYSQL))) {
            return;
        }
        UserPrincipal owner = mysqlUser().orElseThrow();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, owner);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<UserPrincipal> mysqlUser() {
        var root = Path.of("/");
        try {
            return Optional.of(
                    root.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(MYSQL));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
