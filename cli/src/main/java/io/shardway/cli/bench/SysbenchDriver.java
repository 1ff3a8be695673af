package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Load by sysbench 1.0 with a script of our own. Used by one thread. */
final class SysbenchDriver implements LoadDriver {

    private static final String SCRIPT = "shardway-bench.lua";

    private final Path script;
    private final BenchTables tables;
    private final String version;

    private SysbenchDriver(Path script, BenchTables tables, String version) {
        this.script = script;
        this.tables = tables;
        this.version = version;
    }

    /** Empty if sysbench 1.0 is not installed. */
    static Optional<SysbenchDriver> find(Path directory, BenchTables tables) {
        try {
            String version = Command.output(List.of("sysbench", "--version")).strip();
            if (!version.startsWith("sysbench 1.0")) {
                return Optional.empty();
            }
            Path script = directory.resolve(SCRIPT);
            try (var source = SysbenchDriver.class.getResourceAsStream(SCRIPT)) {
                Files.write(script, java.util.Objects.requireNonNull(source).readAllBytes());
            }
            return Optional.of(new SysbenchDriver(script, tables, version));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return version;
    }

    @Override
    public Measured run(Target target, LoadCase load, Duration duration) {
        var command = command(target, load, duration);
        command.add("--histogram=on");
        command.add("run");
        return SysbenchOutput.measured(outputOf(command, target));
    }

    @Override
    public double[] curve(Target target, LoadCase load, int seconds) {
        var command = command(target, load, Duration.ofSeconds(seconds));
        command.add("--report-interval=1");
        command.add("run");
        return SysbenchOutput.curve(outputOf(command, target));
    }

    private List<String> command(Target target, LoadCase load, Duration duration) {
        return new ArrayList<>(
                List.of(
                        "sysbench",
                        script.toString(),
                        "--db-driver=mysql",
                        "--mysql-host=" + target.host(),
                        "--mysql-port=" + target.port(),
                        "--mysql-user=" + target.account().user(),
                        "--mysql-password=" + target.account().password(),
                        "--mysql-db=" + tables.keyspace(),
                        "--threads=" + load.connections(),
                        "--time=" + duration.toSeconds(),
                        "--db-ps-mode=" + psMode(load.mode()),
                        "--workload=" + load.workload().label(),
                        "--rows=" + tables.users()));
    }

    private static String psMode(StatementMode mode) {
        return switch (mode) {
            case TEXT -> "disable";
            case PREPARED -> "auto";
        };
    }

    private static String outputOf(List<String> command, Target target) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new UserProblem("sysbench failed against " + target.name() + ":\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("sysbench could not be started", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new UserProblem("the measurement was interrupted");
        }
    }
}
