package io.shardway.cli.bench;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Visits the targets in turn, round by round, so that a noisy minute hits all alike. One thread.
 */
final class BenchRunner {

    private final BenchSettings settings;
    private final LoadDriver driver;
    private final BenchSite site;
    private final PrintWriter progress;

    BenchRunner(BenchSettings settings, LoadDriver driver, BenchSite site, PrintWriter progress) {
        this.settings = settings;
        this.driver = driver;
        this.site = site;
        this.progress = progress;
    }

    BenchResult run() throws SQLException {
        var result = new BenchResult();
        List<LoadCase> cases = settings.cases();
        warmUp();
        int step = 0;
        for (LoadCase load : cases) {
            progress.printf("[%d/%d] %s%n", ++step, cases.size(), load);
            warmUp(load);
            for (int round = 0; round < settings.rounds(); round++) {
                visit(load, result);
            }
        }
        return result;
    }

    /** One round that is not reported: what this case alone needs is compiled in it. */
    private void warmUp(LoadCase load) throws SQLException {
        if (!settings.warmUp().isZero()) {
            progress.println("  (not reported)");
            visit(load, new BenchResult());
        }
    }

    private void visit(LoadCase load, BenchResult result) throws SQLException {
        for (Target target : site.targets()) {
            if (load.workload() == Workload.INSERT) {
                site.emptyInserts();
            }
            Sample sample = measure(target, load, settings.duration());
            result.add(load, target.name(), sample);
            progress.printf(
                    "  %-9s %,9.0f/s%n", target.name(), sample.measured().statementsPerSecond());
            progress.flush();
        }
    }

    private void warmUp() {
        if (settings.warmUp().isZero()) {
            return;
        }
        progress.printf("Warming up, %d s for each target%n", settings.warmUp().toSeconds());
        progress.flush();
        for (Target target : site.targets()) {
            for (StatementMode mode : settings.modes()) {
                var share = settings.warmUp().dividedBy(settings.modes().size());
                Duration least = Duration.ofSeconds(1);
                driver.run(
                        target,
                        new LoadCase(Workload.POINT_SELECT, mode, 8),
                        share.compareTo(least) < 0 ? least : share);
            }
        }
    }

    private Sample measure(Target target, LoadCase load, Duration duration) {
        CpuClock clock = CpuClock.start(target.processes());
        Measured measured = driver.run(target, load, duration);
        return new Sample(measured, clock.microsPerStatement(measured.statements()));
    }
}
