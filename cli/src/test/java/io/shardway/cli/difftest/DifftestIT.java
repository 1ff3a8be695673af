package io.shardway.cli.difftest;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cli.CommandLines;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DifftestIT {

    @Test
    @Timeout(300)
    void threeShardsAnswerAsOneMySqlAndTheReportSaysSo(@TempDir Path directory) {
        Path keep = directory.resolve("found");
        var outcome =
                CommandLines.run(
                        "difftest", "--shards=3", "--seed=5", "--statements=60", "--keep=" + keep);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.exitCode()).as(outcome.out()).isZero();
        assertThat(outcome.out())
                .contains("3 shards, seed 5", "different 0", "refused: nothing", "assemble");
        assertThat(keep).doesNotExist();
    }

    @Test
    void whatMakesNoSenseIsSaid() {
        assertThat(CommandLines.run("difftest", "--shards=0").err()).contains("--shards takes");
        assertThat(CommandLines.run("difftest", "--minutes=0").exitCode()).isEqualTo(2);
    }
}
