package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.difftest.Differential;
import io.shardway.difftest.FixedCase;
import io.shardway.difftest.KeptCase;
import io.shardway.difftest.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads out of text files on two shards and on one MySQL: those that once differed, and others. */
class FixedReadsIT {

    private static final Path FIXED = Path.of("src/test/resources/difftest/fixed.cases");
    private static final long FIXED_ROWS = 20261122;
    private static final Path KEPT = Path.of("src/test/resources/difftest");

    @Test
    @Timeout(600)
    void fixedCasesAreEqualAndTakeTheirWay() throws Exception {
        List<FixedCase> cases = FixedCase.read(FIXED);
        assertThat(cases).hasSizeGreaterThan(2500);
        try (ReadsTwin twin = ReadsTwin.start(FIXED_ROWS)) {
            var differential = new Differential(new TwinSite(twin.twin()), new Random(1));
            int text = cases.size() * 3 / 4;
            assertThat(differential.run(cases.subList(0, text), false)).isEmpty();
            assertThat(differential.run(cases.subList(text, cases.size()), true)).isEmpty();
            assertThat(differential.tally().of(Verdict.TOO_SLOW)).isLessThan(5);
        }
    }

    @Test
    @Timeout(300)
    void whatOnceDifferedIsEqual() throws Exception {
        var byRows = new TreeMap<Long, Map<Path, KeptCase>>();
        try (Stream<Path> files = Files.list(KEPT)) {
            for (Path file : files.filter(FixedReadsIT::isKept).sorted().toList()) {
                KeptCase kept = KeptCase.read(file);
                byRows.computeIfAbsent(kept.rows(), _ -> new TreeMap<>()).put(file, kept);
            }
        }
        assertThat(byRows).isNotEmpty();
        for (var each : byRows.entrySet()) {
            try (ReadsTwin twin = ReadsTwin.start(each.getKey())) {
                for (var kept : each.getValue().entrySet()) {
                    var differential = new Differential(new TwinSite(twin.twin()), new Random(1));
                    assertThat(differential.run(kept.getValue().episode()))
                            .as("%s", kept.getKey())
                            .isEmpty();
                    assertThat(differential.tally().of(Verdict.REFUSED)).isZero();
                }
            }
        }
    }

    private static boolean isKept(Path file) {
        return file.toString().endsWith(".case");
    }
}
