package io.shardway.cli.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * CPU time that processes used since this clock was started; on Linux user plus system time of all
 * their threads, in steps of 10 ms. Immutable.
 */
final class CpuClock {

    private final Map<Target.WatchedProcess, Duration> before;

    private CpuClock(Map<Target.WatchedProcess, Duration> before) {
        this.before = Map.copyOf(before);
    }

    static CpuClock start(List<Target.WatchedProcess> processes) {
        var before = new HashMap<Target.WatchedProcess, Duration>();
        processes.forEach(process -> before.put(process, cpuTime(process)));
        return new CpuClock(before);
    }

    /** Microseconds per statement, by process name. */
    Map<String, Double> microsPerStatement(long statements) {
        var micros = new HashMap<String, Double>();
        before.forEach((process, then) -> {
            long nanos = cpuTime(process).minus(then).toNanos();
            micros.put(process.name(), nanos / 1e3 / Math.max(1, statements));
        });
        return micros;
    }

    private static Duration cpuTime(Target.WatchedProcess process) {
        return ProcessHandle.of(process.pid())
                .flatMap(handle -> handle.info().totalCpuDuration())
                .orElseThrow(() ->
                        new IllegalStateException(
                                process.name() + " has ended during the measurement"));
    }
}
