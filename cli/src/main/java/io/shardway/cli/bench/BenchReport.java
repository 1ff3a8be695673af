package io.shardway.cli.bench;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Writes a {@link BenchResult} as Markdown tables. Stateless. */
final class BenchReport {

    private static final String MYSQLD = "mysqld";

    private BenchReport() {}

    static String markdown(BenchResult result) {
        var text = new StringBuilder();
        text.append(
                """
                Medians of all rounds. Latency is that of one statement (read_only: of a
                transaction of 16 statements). CPU is user + system time per statement, µs.

                | workload | mode | conn. | target | statements/s | p50 ms | p99 ms | hop CPU | mysqld CPU |
                |---|---|--:|---|--:|--:|--:|--:|--:|
                """);
        for (LoadCase load : result.cases()) {
            for (String target : result.targets(load)) {
                text.append(line(result, load, target));
            }
        }
        String ratios = ratios(result);
        return ratios.isEmpty() ? text.toString() : text.append('\n').append(ratios).toString();
    }

    private static String line(BenchResult result, LoadCase load, String target) {
        return "| %s | %s | %d | %s | %s | %s | %s | %s | %s |%n"
                .formatted(
                        load.workload(),
                        load.mode(),
                        load.connections(),
                        target,
                        number(
                                "%,.0f",
                                result, load, target, s -> s.measured().statementsPerSecond()),
                        number("%.3f", result, load, target, s -> s.measured().p50Millis()),
                        number("%.3f", result, load, target, s -> s.measured().p99Millis()),
                        number("%.1f", result, load, target, s -> cpu(s, target)),
                        number("%.1f", result, load, target, s -> cpu(s, MYSQLD)));
    }

    /** Shardway against HAProxy, round by round; empty if one of them is missing. */
    private static String ratios(BenchResult result) {
        var text = new StringBuilder();
        for (LoadCase load : result.cases()) {
            var targets = result.targets(load);
            if (targets.contains(Target.SHARDWAY) && targets.contains(Target.HAPROXY)) {
                text.append(ratioLine(result, load));
            }
        }
        return text.isEmpty()
                ? ""
                : """
                Shardway against HAProxy in TCP mode (median of the ratios of each round):

                | workload | mode | conn. | throughput | hop CPU | p50 added to direct |
                |---|---|--:|--:|--:|--:|
                """
                        + text;
    }

    private static String ratioLine(BenchResult result, LoadCase load) {
        double direct = result.median(load, Target.DIRECT, s -> s.measured().p50Millis());
        return "| %s | %s | %d | %s | %s | %s |%n"
                .formatted(
                        load.workload(),
                        load.mode(),
                        load.connections(),
                        ratio(result, load, s -> s.measured().statementsPerSecond()),
                        cpuRatio(result, load),
                        ratio(result, load, s -> s.measured().p50Millis() - direct));
    }

    private static String ratio(
            BenchResult result, LoadCase load, ToDoubleFunction<Sample> figure) {
        return format(
                "%.2f",
                result.medianOfRounds(
                        load,
                        Target.SHARDWAY,
                        Target.HAPROXY,
                        (mine, other) -> figure.applyAsDouble(mine) / figure.applyAsDouble(other)));
    }

    private static String cpuRatio(BenchResult result, LoadCase load) {
        return format(
                "%.2f",
                result.medianOfRounds(
                        load,
                        Target.SHARDWAY,
                        Target.HAPROXY,
                        (mine, other) -> cpu(mine, Target.SHARDWAY) / cpu(other, Target.HAPROXY)));
    }

    private static double cpu(Sample sample, String process) {
        return sample.cpuMicros().getOrDefault(process, Double.NaN);
    }

    private static String number(
            String format,
            BenchResult result,
            LoadCase load,
            String target,
            ToDoubleFunction<Sample> figure) {
        return format(format, result.median(load, target, figure));
    }

    private static String format(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }
}
