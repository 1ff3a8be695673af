package io.shardway.cli.bench;

import io.shardway.cli.HostPort;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A MySQL server that is there, instead of a cluster of our own. Filled by picocli; one thread. */
final class ServerOptions {

    private static final String PASSWORD_VARIABLE = "SHARDWAY_BENCH_PASSWORD";

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            description =
                    "Uses this MySQL server and its schema 'store' instead of starting a cluster;"
                            + " then there is no Shardway, unless by --target")
    private Optional<HostPort> address = Optional.empty();

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description = "The server's process, if it is on this machine")
    private Optional<Long> pid = Optional.empty();

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description =
                    "The account on --server (default: app); its password is read from the"
                            + " environment variable "
                            + PASSWORD_VARIABLE)
    private String user = "app";

    boolean isGiven() {
        return address.isPresent();
    }

    /** The way to the given server. */
    Target direct() {
        HostPort given = address.orElseThrow();
        String password = Optional.ofNullable(System.getenv(PASSWORD_VARIABLE)).orElse("app");
        var account = new Target.Account(user, password);
        List<Target.WatchedProcess> processes =
                pid.map(id -> new Target.WatchedProcess("mysqld", id)).stream().toList();
        return new Target(Target.DIRECT, given.host(), given.port(), account, processes);
    }
}
