package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.difftest.Difference;
import io.shardway.difftest.Differential;
import io.shardway.difftest.KeptCase;
import io.shardway.difftest.Tally;
import io.shardway.difftest.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random reads and writes on two shards and on one MySQL: a slice, always the same. Longer ones, of
 * other seeds: {@code ./shardway difftest}, or here {@code -Dshardway.difftest.statements=20000}
 * and {@code -Dshardway.difftest.seed=...}.
 */
class DifferentialIT {

    private static final int STATEMENTS = Integer.getInteger("shardway.difftest.statements", 400);
    private static final long SEED = Long.getLong("shardway.difftest.seed", 1);

    @Test
    @Timeout(3600)
    void twoShardsAnswerAsOneServerWould() throws SQLException {
        try (ReadsTwin twin = ReadsTwin.start(SEED)) {
            var differential = new Differential(new TwinSite(twin.twin()), new Random(SEED));
            Tally tally = differential.tally();
            differential.run(() -> tally.all() < STATEMENTS, System.out::println);
            System.out.println("seed " + SEED + "\n" + tally.report());
            assertThat(differential.differences()).as("seed %d", SEED).isEmpty();
            assertThat(tally.of(Verdict.REFUSED)).as("refused, seed %d", SEED).isZero();
            assertThat(tally.of(Verdict.EQUAL))
                    .as("equal, seed %d", SEED)
                    .isGreaterThan(STATEMENTS / 2);
            assertThat(tally.of(Verdict.OTHER_TYPES)).isLessThan(STATEMENTS / 20 + 1);
            assertThat(tally.of(Verdict.MYSQLS_FAULT)).isLessThan(STATEMENTS / 40 + 1);
            assertThat(tally.of(Verdict.TOO_SLOW)).isLessThan(STATEMENTS / 20 + 1);
        }
    }

    @Test
    @Timeout(300)
    void aDifferenceIsMadeSmallAndCanBeKept(@TempDir Path directory) throws Exception {
        try (ReadsTwin twin = ReadsTwin.start(3)) {
            try (Connection node = twin.twin().direct("");
                    Statement statement = node.createStatement()) {
                statement.execute("UPDATE orders SET status = 'wrong' WHERE user_id % 2 = 0");
            }
            var found = new ArrayList<Difference>();
            var differential =
                    new Differential(new TwinSite(twin.twin()), new Random(3))
                            .patience(Duration.ofSeconds(30))
                            .differencesMax(1);
            differential.run(found::isEmpty, found::add);
            Difference small = found.getFirst();
            assertThat(small.episode().statements()).hasSize(1);
            assertThat(small.episode().toString()).contains("orders").hasSizeLessThan(120);
            Path file = directory.resolve("found.case");
            KeptCase.write(file, 3, small);
            assertThat(Files.readAllLines(file)).hasSize(6);
            assertThat(KeptCase.read(file)).isEqualTo(new KeptCase(3, small.episode()));
            assertThat(differential.run(small.episode())).isPresent();
        }
    }

    @Test
    void readsKeptCasesOnly(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("bad.case"), List.of("SELECT 1"));
        assertThatThrownBy(() -> KeptCase.read(file)).hasMessageContaining("is no case");
    }
}
