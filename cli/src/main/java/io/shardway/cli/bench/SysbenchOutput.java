package io.shardway.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what sysbench 1.0 prints. Stateless. */
final class SysbenchOutput {

    private static final Pattern STATEMENTS =
            Pattern.compile("(?m)^\\s+total:\\s+(\\d+)\\s*$"); // below "queries performed:"
    private static final Pattern SECONDS =
            Pattern.compile("(?m)^\\s+total time:\\s+([0-9.]+)s\\s*$");
    private static final Pattern HISTOGRAM_LINE =
            Pattern.compile("(?m)^\\s*([0-9.]+) \\|\\**\\s+(\\d+)\\s*$");
    private static final Pattern INTERVAL = Pattern.compile("(?m)^\\[ \\d+s \\].* qps: ([0-9.]+) ");

    private SysbenchOutput() {}

    /** From a run with {@code --histogram=on}. */
    static Measured measured(String output) {
        var latencies = new Histogram();
        Matcher line = HISTOGRAM_LINE.matcher(output);
        while (line.find()) {
            latencies.add(Double.parseDouble(line.group(1)), Long.parseLong(line.group(2)));
        }
        return new Measured(
                Long.parseLong(only(STATEMENTS, output)),
                Double.parseDouble(only(SECONDS, output)),
                latencies.percentile(50),
                latencies.percentile(99));
    }

    /** From a run with {@code --report-interval=1}. */
    static double[] curve(String output) {
        return INTERVAL.matcher(output)
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .toArray();
    }

    private static String only(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("sysbench printed something unexpected:\n" + output);
        }
        return matcher.group(1);
    }

    /** Values with their counts, in rising order. */
    private static final class Histogram {

        private record Step(double value, long count) {}

        private final List<Step> steps = new ArrayList<>();
        private long total;

        void add(double value, long count) {
            steps.add(new Step(value, count));
            total += count;
        }

        double percentile(double percent) {
            long seen = 0;
            for (Step step : steps) {
                seen += step.count();
                if (seen >= total * percent / 100) {
                    return step.value();
                }
            }
            return 0;
        }
    }
}
