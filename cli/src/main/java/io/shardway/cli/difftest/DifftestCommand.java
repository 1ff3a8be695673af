package io.shardway.cli.difftest;

import io.shardway.cli.UserProblem;
import io.shardway.difftest.Difference;
import io.shardway.difftest.Differential;
import io.shardway.difftest.KeptCase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./shardway difftest}. One thread. */
@Command(
        name = "difftest",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs random statements on one MySQL and through Shardway and compares all that a client"
                    + " sees.",
            "",
            "A difference is made small and kept as a file. Exit code 1 if there was one."
        })
public final class DifftestCommand implements Callable<Integer> {

    private static final int SHARDS_MAX = 16;

    @Spec private CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "<number>",
            description = "Decides rows and statements; drawn and told if it is not given.")
    private @Nullable Long seed;

    @Option(
            names = "--minutes",
            paramLabel = "<number>",
            defaultValue = "5",
            description = "How long, all in all. Default: ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(
            names = "--statements",
            paramLabel = "<number>",
            description = "Instead: so many for each number of shards; the same each time.")
    private @Nullable Integer statements;

    @Option(
            names = "--shards",
            paramLabel = "<numbers>",
            split = ",",
            defaultValue = "2,3",
            description = "One run after the other. Default: ${DEFAULT-VALUE}.")
    private List<Integer> shards;

    @Option(
            names = "--keep",
            paramLabel = "<directory>",
            defaultValue = "difftest-found",
            description = "Where differences are kept. Default: ${DEFAULT-VALUE}.")
    private Path keep;

    @Option(
            names = "--cases",
            paramLabel = "<file>",
            description = {
                "Also writes every read that was answered equally, once, with the way it took:",
                "a file of fixed cases."
            })
    private @Nullable Path cases;

    private final SequencedSet<String> equalReads = new LinkedHashSet<>();
    private int found;

    @Override
    public Integer call() throws Exception {
        check();
        long drawn = seed == null ? new Random().nextInt(1_000_000_000) : seed;
        PrintWriter out = spec.commandLine().getOut();
        Path directory = Files.createTempDirectory("shardway-difftest");
        try {
            for (int count : shards) {
                run(count, drawn, directory, out);
            }
        } finally {
            Files.deleteIfExists(directory.resolve("owner-password"));
            Files.deleteIfExists(directory);
        }
        if (cases != null) {
            equalReads.addFirst("# rows " + drawn);
            Files.write(cases, equalReads);
        }
        return found == 0 ? 0 : 1;
    }

    private void check() {
        if (minutes <= 0 || (statements != null && statements <= 0)) {
            throw new UserProblem("--minutes and --statements must be above 0.");
        }
        if (shards.isEmpty() || shards.stream().anyMatch(n -> n < 1 || n > SHARDS_MAX)) {
            throw new UserProblem("--shards takes numbers from 1 to " + SHARDS_MAX + ".");
        }
    }

    private void run(int count, long rows, Path directory, PrintWriter out)
            throws SQLException, IOException {
        say(out, "%d shards, seed %d".formatted(count, rows));
        try (LocalTwin twin = LocalTwin.start(count, rows, directory, line -> say(out, line))) {
            var differential = new Differential(twin, new Random(rows));
            if (cases != null) {
                differential.equalReads(each -> equalReads.add(each.toString()));
            }
            differential.run(goOn(differential), difference -> keep(difference, rows, count, out));
            say(out, differential.tally().report().strip());
        }
    }

    private BooleanSupplier goOn(Differential differential) {
        if (statements != null) {
            int most = statements;
            return () -> differential.tally().all() < most;
        }
        Instant end =
                Instant.now().plus(Duration.ofMillis((long) (minutes * 60_000 / shards.size())));
        return () -> Instant.now().isBefore(end);
    }

    private void keep(Difference difference, long rows, int count, PrintWriter out) {
        found++;
        try {
            Files.createDirectories(keep);
            Path file = keep.resolve("%d-shards-seed-%d-%d.case".formatted(count, rows, found));
            KeptCase.write(file, rows, difference);
            say(out, "DIFFERENT, kept in " + file + "\n" + difference);
        } catch (IOException e) {
            say(out, "DIFFERENT\n" + difference);
            throw new UncheckedIOException("cannot keep it", e);
        }
    }

    private static void say(PrintWriter out, String text) {
        out.println(text);
        out.flush();
    }
}
