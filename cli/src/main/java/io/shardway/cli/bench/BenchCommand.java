package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./shardway bench}: the speed report. One thread. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the same load directly, through HAProxy (if installed) and through Shardway.",
            "",
            "Compare only figures of one run: they depend on the machine and its neighbours."
        })
public final class BenchCommand implements Callable<Integer> {

    enum Driver {
        AUTO,
        SYSBENCH,
        JDBC
    }

    @Spec private CommandSpec spec;
    @Mixin private SiteOptions siteOptions;

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "W",
            description = "${COMPLETION-CANDIDATES} (default: all)")
    private List<Workload> workloads = List.of(Workload.values());

    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "M",
            description = "${COMPLETION-CANDIDATES} (default: both)")
    private List<StatementMode> modes = List.of(StatementMode.values());

    @Option(
            names = "--connections",
            split = ",",
            paramLabel = "N",
            description =
                    "For point selects; the other workloads use the middle one (default: 1,8,64)")
    private List<Integer> connections = List.of(1, 8, 64);

    @Option(names = "--seconds", paramLabel = "N", description = "Of each run (default: 5)")
    private int seconds = 5;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Each visits every target once; medians are reported (default: 3)")
    private int rounds = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "Seconds for each target before the first round (default: 60)")
    private int warmUpSeconds = 60;

    @Option(
            names = "--driver",
            description = "auto, sysbench or jdbc (default: auto, sysbench if installed)")
    private Driver driver = Driver.AUTO;

    @Option(names = "--out", paramLabel = "FILE", description = "Writes the report there too")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--curve",
            description =
                    "Instead: throughput of the first 30 seconds after Shardway's start, each"
                            + " second relative to the steady value")
    private boolean curve;

    @Option(
            names = "--soak",
            paramLabel = "MINUTES",
            description = "Instead: load for so long, and Shardway's heap after GC each minute")
    private Optional<Integer> soakMinutes = Optional.empty();

    @Option(
            names = "--over-shards",
            description =
                    "Instead: reads, writes and transactions over two shards, beside the same done"
                            + " by hand on the nodes")
    private boolean overShards;

    @Override
    public Integer call() throws Exception {
        var settings =
                new BenchSettings(
                        workloads,
                        modes,
                        connections,
                        rounds,
                        Duration.ofSeconds(seconds),
                        Duration.ofSeconds(warmUpSeconds));
        soakMinutes.ifPresent(BenchCommand::requireMinutes);
        PrintWriter progress = spec.commandLine().getErr();
        Path directory = Files.createTempDirectory("shardway-bench");
        if (overShards) {
            return overShards(directory, settings, progress);
        }
        try (BenchSite site = siteOptions.open(directory, progress)) {
            LoadDriver load = driver(directory);
            progress.printf("Load by %s%n", load.name());
            progress.flush();
            publish(measure(site, load, settings, progress));
            return 0;
        } finally {
            Directories.delete(directory);
        }
    }

    private Integer overShards(Path directory, BenchSettings settings, PrintWriter progress)
            throws SQLException, IOException {
        try (SpreadSite site =
                SpreadSite.start(
                        directory, siteOptions.tables(), siteOptions.profile(), progress)) {
            publish(
                    new SpreadBench(site, progress, settings.rounds(), settings.duration())
                            .run(settings.warmUp()));
            return 0;
        } finally {
            Directories.delete(directory);
        }
    }

    private String measure(
            BenchSite site, LoadDriver load, BenchSettings settings, PrintWriter progress)
            throws SQLException {
        String head = siteOptions.describe(load) + "\n";
        if (soakMinutes.isPresent()) {
            return head + new Soak(load, site, progress).run(soakMinutes.get());
        }
        if (curve) {
            return head + new StartCurve(load).run(site.shardway());
        }
        return head
                + "%d rounds of %d s each.%n%n".formatted(rounds, seconds)
                + BenchReport.markdown(new BenchRunner(settings, load, site, progress).run());
    }

    private LoadDriver driver(Path directory) {
        BenchTables tables = siteOptions.tables();
        return switch (driver) {
            case AUTO ->
                    SysbenchDriver.find(directory, tables)
                            .<LoadDriver>map(found -> found)
                            .orElseGet(() -> new JdbcDriver(tables));
            case JDBC -> new JdbcDriver(tables);
            case SYSBENCH ->
                    SysbenchDriver.find(directory, tables)
                            .orElseThrow(() ->
                                    new UserProblem(
                                            "sysbench 1.0 is not installed. Debian: apt"
                                                    + " install sysbench; or --driver=jdbc."));
        };
    }

    private void publish(String report) throws IOException {
        PrintWriter console = spec.commandLine().getOut();
        console.print(report);
        console.flush();
        if (out.isPresent()) {
            Files.writeString(out.get(), report);
        }
    }

    private static void requireMinutes(int minutes) {
        if (minutes < 1 || minutes > 1_440) {
            throw new UserProblem("--soak must be 1 to 1440 minutes, is " + minutes + ".");
        }
    }
}
