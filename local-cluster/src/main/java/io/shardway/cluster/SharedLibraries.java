package io.shardway.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Finds the system libraries mysqld needs, before it is started. Confined to the starting thread.
 *
 * <p>A small Debian has neither {@code libaio} nor {@code libnuma}. Debian 13 and Ubuntu 24.04 call
 * the first one {@code libaio.so.1t64}; on x86-64 only the name differs, so a link puts it right.
 */
final class SharedLibraries {

    private static final Pattern NOT_FOUND =
            Pattern.compile("^\\s*(\\S+)(?: \\(.*\\))? => not found", Pattern.MULTILINE);
    private static final List<Path> SYSTEM_DIRECTORIES =
            List.of(
                    Path.of("/lib/x86_64-linux-gnu"),
                    Path.of("/usr/lib/x86_64-linux-gnu"),
                    Path.of("/lib64"),
                    Path.of("/usr/lib64"));
    private static final String RENAMED_SUFFIX = "t64";

    private final Path mysqld;
    private final CacheDirectory cache;
    private final Consumer<String> output;

    SharedLibraries(Path mysqld, CacheDirectory cache, Consumer<String> output) {
        this.mysqld = mysqld;
        this.cache = cache;
        this.output = output;
    }

    /** What has to be in mysqld's environment so that it finds its libraries. */
    Map<String, String> provide() {
        Map<String, String> environment = linkRenamed(missing(Map.of()));
        List<String> missing = missing(environment);
        if (missing.isEmpty()) {
            return environment;
        }
        if (Platform.isRoot() && Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
            install(missing);
            environment = linkRenamed(missing(Map.of()));
            missing = missing(environment);
        }
        if (!missing.isEmpty()) {
            throw notFound(missing, installCommand());
        }
        return environment;
    }

    static ClusterProblem notFound(List<String> missing, String installCommand) {
        return new ClusterProblem(
                "The MySQL server needs %s, which this machine lacks."
                        .formatted(String.join(" and ", missing)),
                installCommand);
    }

    /** Asks the dynamic loader itself, which is what {@code ldd} does. */
    private List<String> missing(Map<String, String> environment) {
        var traced = new HashMap<>(environment);
        traced.put("LD_TRACE_LOADED_OBJECTS", "1");
        try {
            return missingIn(Command.run(List.of(mysqld.toString()), traced).output());
        } catch (IOException e) {
            throw new ClusterProblem(
                    "This machine cannot run %s (%s): it needs a Linux with glibc, such as Debian; use Docker."
                            .formatted(mysqld, e.getMessage()),
                    e);
        }
    }

    static List<String> missingIn(String loaderOutput) {
        return NOT_FOUND.matcher(loaderOutput).results().map(found -> found.group(1)).toList();
    }

    private Map<String, String> linkRenamed(List<String> missing) {
        var renamed = new ArrayList<Path>();
        for (String library : missing) {
            find(library + RENAMED_SUFFIX, SYSTEM_DIRECTORIES).ifPresent(renamed::add);
        }
        if (renamed.isEmpty()) {
            return Map.of();
        }
        return Map.of("LD_LIBRARY_PATH", link(renamed, cache.root().resolve("lib")).toString());
    }

    static Optional<Path> find(String file, List<Path> directories) {
        return directories.stream()
                .map(each -> each.resolve(file))
                .filter(Files::exists)
                .findFirst();
    }

    /** Links {@code libaio.so.1} to {@code …/libaio.so.1t64}, and so on, in a directory of ours. */
    static Path link(List<Path> renamed, Path directory) {
        try {
            Files.createDirectories(directory);
            for (Path library : renamed) {
                String name = library.getFileName().toString();
                Path link =
                        directory.resolve(
                                name.substring(0, name.length() - RENAMED_SUFFIX.length()));
                Path fresh = Files.createTempFile(directory, "link", "");
                Files.delete(fresh);
                Files.createSymbolicLink(fresh, library);
                Files.move(
                        fresh,
                        link,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void install(List<String> missing) {
        output.accept(
                "Installing %s for the MySQL server: apt-get install -y %s"
                        .formatted(String.join(" and ", missing), aptPackages()));
        if (!apt("install", "-y", "--no-install-recommends")) {
            apt("update");
            apt("install", "-y", "--no-install-recommends");
        }
    }

    private boolean apt(String... arguments) {
        var command = new ArrayList<String>();
        command.add("apt-get");
        command.addAll(List.of(arguments));
        if (arguments[0].equals("install")) {
            command.addAll(List.of(aptPackages().split(" ")));
        }
        try {
            Command apt = Command.run(command, Map.of("DEBIAN_FRONTEND", "noninteractive"));
            if (!apt.succeeded()) {
                output.accept(String.join(" ", command) + " failed: " + apt.output().strip());
            }
            return apt.succeeded();
        } catch (IOException e) {
            output.accept(String.join(" ", command) + " failed: " + e.getMessage());
            return false;
        }
    }

    private static String aptPackages() {
        return aptPackages(osRelease());
    }

    private static String installCommand() {
        return installCommand(osRelease());
    }

    private static String osRelease() {
        try {
            return Files.readString(Path.of("/etc/os-release"));
        } catch (IOException e) {
            return ""; // Without it the older names are as good a guess as any.
        }
    }

    static String aptPackages(String osRelease) {
        return usesRenamedPackages(osRelease) ? "libaio1t64 libnuma1" : "libaio1 libnuma1";
    }

    static String installCommand(String osRelease) {
        if (osRelease.matches("(?s).*\\bID(_LIKE)?=\"?[a-z ]*(fedora|rhel).*")) {
            return "sudo dnf install -y libaio numactl-libs";
        }
        return "sudo apt-get install -y " + aptPackages(osRelease);
    }

    private static boolean usesRenamedPackages(String osRelease) {
        var version = Pattern.compile("(?m)^VERSION_ID=\"?(\\d+)").matcher(osRelease);
        int number = version.find() ? Integer.parseInt(version.group(1)) : 0;
        if (isCalled("debian", osRelease)) {
            return number == 0 || number >= 13; // Debian's testing release has no number.
        }
        return isCalled("ubuntu", osRelease) && number >= 24;
    }

    private static boolean isCalled(String name, String osRelease) {
        return Pattern.compile("(?m)^ID=\"?" + name + "\"?$").matcher(osRelease).find();
    }
}
