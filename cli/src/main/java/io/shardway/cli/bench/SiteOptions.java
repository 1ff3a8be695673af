package io.shardway.cli.bench;

import io.shardway.cli.HostPort;
import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which servers the benchmark runs against. Filled by picocli; one thread. */
final class SiteOptions {

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "T",
            description = "Of direct, haproxy, shardway (default: all that are there)")
    private List<String> names = List.of(Target.DIRECT, Target.HAPROXY, Target.SHARDWAY);

    @Option(
            names = "--target",
            paramLabel = "NAME=HOST:PORT[@PID]",
            description = "One more way to the same rows, such as another proxy; repeatable")
    private List<String> others = List.of();

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Users; each has ten orders (default: 10000)")
    private int rows = 10_000;

    @Option(
            names = "--profile",
            paramLabel = "FILE.jfr",
            description = "Records the proxy's process with JDK Flight Recorder")
    private Optional<Path> profile = Optional.empty();

    @Mixin private ServerOptions server;

    BenchTables tables() {
        if (rows < 100 || rows > 10_000_000) {
            throw new UserProblem("--rows must be 100 to 10000000, is " + rows + ".");
        }
        return new BenchTables("store", rows);
    }

    Optional<Path> profile() {
        return profile;
    }

    /** Starts what is missing, makes and fills the tables. */
    BenchSite open(Path directory, PrintWriter progress) throws Exception {
        requireKnownNames();
        BenchSite site =
                server.isGiven()
                        ? givenServer(directory)
                        : LocalSite.start(directory, names, tables(), profile, progress);
        try {
            for (String other : others) {
                site.add(target(other, site));
            }
        } catch (RuntimeException e) {
            site.close();
            throw e;
        }
        return site;
    }

    private BenchSite givenServer(Path directory) throws IOException, SQLException {
        Target direct = server.direct();
        var site = new BenchSite(direct, tables().keyspace());
        try (var connection = site.connectDirectly()) {
            tables().define(connection);
            tables().fill(connection);
        }
        addDirectAndHaProxy(site, direct, names, directory);
        return site;
    }

    static void addDirectAndHaProxy(
            BenchSite site, Target direct, List<String> names, Path directory) throws IOException {
        if (names.contains(Target.DIRECT)) {
            site.add(direct);
        }
        if (names.contains(Target.HAPROXY) && HaProxy.isInstalled()) {
            var haProxy = HaProxy.start(directory, direct.host(), direct.port());
            site.onClose(haProxy::close);
            site.add(haProxy.target(direct.account(), direct.processes()));
        }
    }

    private void requireKnownNames() {
        var known = List.of(Target.DIRECT, Target.HAPROXY, Target.SHARDWAY);
        for (String name : names) {
            if (!known.contains(name)) {
                throw new UserProblem(
                        "--targets knows %s, not %s; other ways are added with --target."
                                .formatted(String.join(", ", known), name));
            }
        }
    }

    private Target target(String text, BenchSite site) {
        int equals = text.indexOf('=');
        int at = text.lastIndexOf('@');
        if (equals < 1) {
            throw new UserProblem("--target must be NAME=HOST:PORT[@PID], is " + text + ".");
        }
        String name = text.substring(0, equals);
        var address = HostPort.parse(text.substring(equals + 1, at < 0 ? text.length() : at));
        var processes = new ArrayList<Target.WatchedProcess>();
        if (at >= 0) {
            processes.add(new Target.WatchedProcess(name, pid(text.substring(at + 1), text)));
        }
        processes.addAll(site.direct().processes());
        return new Target(name, address.host(), address.port(), site.direct().account(), processes);
    }

    private static long pid(String text, String whole) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new UserProblem("--target must be NAME=HOST:PORT[@PID], is " + whole + ".");
        }
    }

    /** The first lines of the report. */
    String describe(LoadDriver load) {
        return """
        Java %s, %d processors, load by %s on the same machine, %,d users with ten orders each.
        """
                .formatted(
                        Runtime.version(),
                        Runtime.getRuntime().availableProcessors(),
                        load.name(),
                        rows);
    }
}
