package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.cli.UserProblem;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchSettingsTest {

    @Test
    void runsPointSelectsWithAllConnectionsAndTheOthersWithTheMiddleOne() {
        var settings =
                settings(List.of(Workload.POINT_SELECT, Workload.UPDATE), List.of(1, 8, 64), 1);

        assertThat(settings.cases())
                .extracting(LoadCase::toString)
                .containsExactly(
                        "point_select text 1",
                        "point_select text 8",
                        "point_select text 64",
                        "update text 8");
    }

    @Test
    void takesLimitsAndRefusesOnePastThem() {
        var point = List.of(Workload.POINT_SELECT);
        assertThat(settings(point, List.of(1_000), 100).rounds()).isEqualTo(100);
        assertProblem(() -> settings(point, List.of(1_001), 1), "--connections must be 1 to 1000");
        assertProblem(() -> settings(point, List.of(0), 1), "--connections must be 1 to 1000");
        assertProblem(() -> settings(point, List.of(1), 101), "--rounds must be 1 to 100");
        assertProblem(() -> settings(List.of(), List.of(1), 1), "--workloads names no workload");
    }

    private static BenchSettings settings(
            List<Workload> workloads, List<Integer> connections, int rounds) {
        return new BenchSettings(
                workloads,
                List.of(StatementMode.TEXT),
                connections,
                rounds,
                Duration.ofSeconds(1),
                Duration.ZERO);
    }

    private static void assertProblem(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(UserProblem.class).hasMessageContaining(message);
    }
}
