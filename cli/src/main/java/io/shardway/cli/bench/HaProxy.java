package io.shardway.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * HAProxy in TCP mode in front of one MySQL server: what a hop costs that understands nothing. Used
 * by one thread.
 */
final class HaProxy implements AutoCloseable {

    private final ChildProcess process;
    private final int port;

    private HaProxy(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    static boolean isInstalled() {
        try {
            return Command.output(List.of("haproxy", "-v")).contains("HAProxy");
        } catch (IOException _) {
            return false;
        }
    }

    static HaProxy start(Path directory, String mysqlHost, int mysqlPort) throws IOException {
        int port = Ports.free();
        Path config = directory.resolve("haproxy.cfg");
        Files.writeString(
                config,
                """
                global
                  maxconn 4096
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 1h
                  timeout server 1h
                listen mysql
                  bind 127.0.0.1:%d
                  server mysql %s:%d
                """
                        .formatted(port, mysqlHost, mysqlPort));
        var process =
                ChildProcess.start(
                        "haproxy",
                        List.of("haproxy", "-db", "-f", config.toString()),
                        directory.resolve("haproxy.log"));
        process.awaitPort(port);
        return new HaProxy(process, port);
    }

    Target target(Target.Account account, List<Target.WatchedProcess> behind) {
        return new Target(
                Target.HAPROXY, "127.0.0.1", port, account, process.watchedBefore(behind));
    }

    @Override
    public void close() {
        process.close();
    }
}
