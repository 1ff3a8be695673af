package io.shardway.cli;

import io.shardway.proxy.settings.ProxySettings;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./shardway proxy}: one proxy on a cluster that is there. One thread. */
@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts a proxy on your own cluster; TERM or Ctrl-C drains and stops it.")
final class ProxyCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "YAML settings; the environment (SHARDWAY_...) wins over it")
    private Path config = Path.of("");

    @Option(names = "--check", description = "Only checks the settings and prints them")
    private boolean check;

    @Override
    public Integer call() throws InterruptedException {
        if (!Files.isRegularFile(config)) {
            throw new UserProblem("--config: there is no file %s.".formatted(config));
        }
        ProxySettings settings = ProxySettings.load(Optional.of(config), System.getenv(), Map.of());
        PrintWriter out = spec.commandLine().getOut();
        if (check) {
            settings.describe().forEach((key, value) -> out.println(key + ": " + value));
            out.flush();
            return 0;
        }
        RunningProxy proxy = ProxyStart.start(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(proxy::close, "stop-proxy"));
        out.println("Shardway is ready on port " + proxy.port());
        out.flush();
        proxy.awaitStopped();
        // Not by a signal, which ends the JVM by itself: a supervisor must see that nobody serves.
        spec.commandLine()
                .getErr()
                .println("Stopped: another process serves under this proxy's name (see the log).");
        return ExitCode.SOFTWARE;
    }
}
