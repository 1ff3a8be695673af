package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StartCurveTest {

    @Test
    void namesTheSecondFromWhichTheGoalIsKept() {
        assertThat(StartCurve.report(new double[] {100, 900, 500, 850, 1_000, 990}, 1_000))
                .contains("| 1 | 100 | 10 % |")
                .contains("80 % of the steady value from second 4 on.");
    }

    @Test
    void saysThatTheGoalWasNotReached() {
        assertThat(StartCurve.report(new double[] {100, 200}, 1_000))
                .contains("80 % of the steady value was not reached and kept.");
    }
}
