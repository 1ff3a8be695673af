package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load for minutes, and what stays on Shardway's heap after a full collection. One thread. */
final class Soak {

    private static final int CONNECTIONS = 8;
    private static final List<Workload> LOADS = List.of(Workload.values());

    /** ParallelGC and SerialGC list generations, G1 and others the whole heap. */
    private static final Pattern USED = Pattern.compile("(?m)total \\d+K, used (\\d+)K");

    private final LoadDriver driver;
    private final BenchSite site;
    private final PrintWriter progress;

    Soak(LoadDriver driver, BenchSite site, PrintWriter progress) {
        this.driver = driver;
        this.site = site;
        this.progress = progress;
    }

    String run(int minutes) {
        Target shardway = site.shardway();
        long pid = shardway.processes().getFirst().pid();
        var text = new StringBuilder("| minute | load | statements/s | heap after GC, KiB |\n");
        text.append("|--:|---|--:|--:|\n");
        for (int minute = 1; minute <= minutes; minute++) {
            var mode = minute % 2 == 1 ? StatementMode.TEXT : StatementMode.PREPARED;
            var load = new LoadCase(LOADS.get(minute % LOADS.size()), mode, CONNECTIONS);
            Measured measured = driver.run(shardway, load, Duration.ofMinutes(1));
            String line =
                    "| %d | %s | %,.0f | %,d |%n"
                            .formatted(
                                    minute,
                                    load,
                                    measured.statementsPerSecond(),
                                    heapAfterCollection(pid));
            progress.print(line);
            progress.flush();
            text.append(line);
        }
        return text.toString();
    }

    private static long heapAfterCollection(long pid) {
        jcmd(pid, "GC.run");
        return usedKibibytes(jcmd(pid, "GC.heap_info"));
    }

    static long usedKibibytes(String heapInfo) {
        String heap = heapInfo.split("Metaspace", 2)[0];
        Matcher matcher = USED.matcher(heap);
        long used = 0;
        while (matcher.find()) {
            used += Long.parseLong(matcher.group(1));
        }
        if (used == 0) {
            throw new IllegalStateException("jcmd printed something unexpected:\n" + heapInfo);
        }
        return used;
    }

    private static String jcmd(long pid, String command) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            return Command.output(List.of(jcmd.toString(), Long.toString(pid), command));
        } catch (IOException e) {
            throw new UserProblem("--soak needs a whole JDK: " + jcmd + " is missing.", e);
        }
    }
}
