package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Work over two shards through Shardway, beside the same done by hand on the nodes; in turns, so
 * that a noisy minute hits both alike. One thread.
 */
final class SpreadBench {

    private static final long NANOS_MAX = Duration.ofMinutes(1).toNanos();
    private static final List<Integer> CONNECTIONS = List.of(1, 8);

    private final SpreadSite site;
    private final PrintWriter progress;
    private final int rounds;
    private final Duration duration;

    SpreadBench(SpreadSite site, PrintWriter progress, int rounds, Duration duration) {
        this.site = site;
        this.progress = progress;
        this.rounds = rounds;
        this.duration = duration;
    }

    private interface Opening {
        SpreadSession open() throws SQLException;
    }

    private record Figures(double perSecond, double p50Millis, double cpuMicros) {}

    /** Markdown. */
    String run(Duration warmUp) throws SQLException {
        for (SpreadWork work : SpreadWork.values()) {
            measure(site::throughShardway, work, 8, warmUp.dividedBy(SpreadWork.values().length));
        }
        var text =
                new StringBuilder(
                        """
                        Work over two shards, %d rounds of %d s each: events per second, medians. By hand: a \
                        connection to each node, all nodes asked at once, the rest in Java. CPU is the \
                        proxy's per event, µs.

                        | work | conn. | by hand/s | Shardway/s | ratio | p50 ms by hand | p50 ms Shardway | proxy CPU |
                        |---|--:|--:|--:|--:|--:|--:|--:|
                        """
                                .formatted(rounds, duration.toSeconds()));
        for (SpreadWork work : SpreadWork.values()) {
            for (int connections : CONNECTIONS) {
                text.append(line(work, connections));
            }
        }
        return text.toString();
    }

    private String line(SpreadWork work, int connections) throws SQLException {
        progress.printf("%s %d%n", work, connections);
        progress.flush();
        var hand = new ArrayList<Figures>();
        var shardway = new ArrayList<Figures>();
        for (int round = 0; round < rounds; round++) {
            hand.add(measure(site::byHand, work, connections, duration));
            shardway.add(measure(site::throughShardway, work, connections, duration));
        }
        var ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            ratios[round] = shardway.get(round).perSecond() / hand.get(round).perSecond();
        }
        return "| %s | %d | %,.0f | %,.0f | %.2f | %.2f | %.2f | %.0f |%n"
                .formatted(
                        work,
                        connections,
                        median(hand, Figures::perSecond),
                        median(shardway, Figures::perSecond),
                        BenchResult.median(ratios),
                        median(hand, Figures::p50Millis),
                        median(shardway, Figures::p50Millis),
                        median(shardway, Figures::cpuMicros));
    }

    private static double median(List<Figures> figures, ToDoubleFunction<Figures> of) {
        return BenchResult.median(figures.stream().mapToDouble(of).toArray());
    }

    private Figures measure(Opening opening, SpreadWork work, int connections, Duration lasting)
            throws SQLException {
        site.emptyInserts();
        CpuClock clock = CpuClock.start(site.watched());
        var running = new ArrayList<Future<Histogram>>();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                int seed = i;
                running.add(threads.submit(() -> client(opening, work, seed, lasting)));
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        var latencies = new Histogram(NANOS_MAX, 3);
        for (Future<Histogram> each : running) {
            latencies.add(answer(each));
        }
        Map<String, Double> cpu = clock.microsPerStatement(latencies.getTotalCount());
        return new Figures(
                latencies.getTotalCount() / seconds,
                latencies.getValueAtPercentile(50) / 1e6,
                cpu.values().stream().mapToDouble(Double::doubleValue).sum());
    }

    private static Histogram client(Opening opening, SpreadWork work, int seed, Duration lasting)
            throws SQLException {
        var latencies = new Histogram(NANOS_MAX, 3);
        var random = new SplittableRandom(System.nanoTime() + seed);
        try (SpreadSession session = opening.open()) {
            long now = System.nanoTime();
            long end = now + lasting.toNanos();
            while (now < end) {
                session.run(work, random);
                long then = System.nanoTime();
                latencies.recordValue(Math.min(then - now, NANOS_MAX));
                now = then;
            }
        }
        return latencies;
    }

    private static Histogram answer(Future<Histogram> client) {
        try {
            return client.get();
        } catch (ExecutionException e) {
            throw new UserProblem("the load failed: " + e.getCause().getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new UserProblem("the measurement was interrupted");
        }
    }
}
