package io.shardway.cli.bench;

import java.util.Arrays;

/** How fast Shardway gets fast: throughput second by second from a cold start. One thread. */
final class StartCurve {

    private static final int SECONDS = 30;
    private static final int STEADY_SECONDS = 10;
    private static final double GOAL = 0.8;
    private static final int CONNECTIONS = 8;

    private final LoadDriver driver;

    StartCurve(LoadDriver driver) {
        this.driver = driver;
    }

    /** The target must have been started just now and have served nothing yet. */
    String run(Target shardway) {
        var load = new LoadCase(Workload.POINT_SELECT, StatementMode.TEXT, CONNECTIONS);
        double[] perSecond = driver.curve(shardway, load, SECONDS);
        double[] later = driver.curve(shardway, load, STEADY_SECONDS);
        return report(perSecond, BenchResult.median(later));
    }

    static String report(double[] perSecond, double steady) {
        var text = new StringBuilder();
        text.append("Steady: %,.0f statements/s (%s)%n%n".formatted(steady, "after the start"));
        text.append("| second | statements/s | of steady |\n|--:|--:|--:|\n");
        for (int i = 0; i < perSecond.length; i++) {
            text.append(
                    "| %d | %,.0f | %.0f %% |%n"
                            .formatted(i + 1, perSecond[i], 100 * perSecond[i] / steady));
        }
        int reached = firstSecondFrom(perSecond, GOAL * steady);
        text.append(
                reached > 0
                        ? "%n80 %% of the steady value from second %d on.%n".formatted(reached)
                        : "%n80 %% of the steady value was not reached and kept.%n".formatted());
        return text.toString();
    }

    /** The second (from 1) from which all but one in ten later ones reach the goal; 0 if none. */
    private static int firstSecondFrom(double[] perSecond, double goal) {
        for (int from = 0; from < perSecond.length; from++) {
            double[] rest = Arrays.copyOfRange(perSecond, from, perSecond.length);
            long slow = Arrays.stream(rest).filter(value -> value < goal).count();
            if (perSecond[from] >= goal && slow * 10 <= rest.length) {
                return from + 1;
            }
        }
        return 0;
    }
}
