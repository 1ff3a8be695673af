package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchReportTest {

    private static final LoadCase LOAD = new LoadCase(Workload.POINT_SELECT, StatementMode.TEXT, 8);

    private final BenchResult result = new BenchResult();

    @Test
    void reportsMediansOverRounds() {
        add(Target.DIRECT, 1_000, 0.1, Map.of("mysqld", 20.0));
        add(Target.DIRECT, 9_000, 0.1, Map.of("mysqld", 22.0));
        add(Target.DIRECT, 2_000, 0.1, Map.of("mysqld", 90.0));

        assertThat(BenchReport.markdown(result))
                .contains("| point_select | text | 8 | direct | 2,000 | 0.100 | 0.200 | – | 22.0 |")
                .doesNotContain("HAProxy");
    }

    @Test
    void comparesShardwayWithHaProxyRoundByRound() {
        add(Target.DIRECT, 4_000, 0.1, Map.of());
        add(Target.HAPROXY, 2_000, 0.2, Map.of("haproxy", 10.0));
        add(Target.SHARDWAY, 1_000, 0.25, Map.of("shardway", 13.0));

        assertThat(BenchReport.markdown(result))
                .contains("| point_select | text | 8 | 0.50 | 1.30 | 1.50 |");
    }

    private void add(String target, long statements, double p50, Map<String, Double> cpu) {
        result.add(LOAD, target, new Sample(new Measured(statements, 1, p50, 2 * p50), cpu));
    }
}
