package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SysbenchOutputTest {

    @Test
    void readsStatementsTimeAndPercentilesFromTheHistogram() throws IOException {
        Measured measured = SysbenchOutput.measured(resource("point-select.txt"));

        assertThat(measured.statements()).isEqualTo(18_818);
        assertThat(measured.seconds()).isEqualTo(1.0029);
        assertThat(measured.p50Millis()).isEqualTo(0.395);
        assertThat(measured.p99Millis()).isEqualTo(1.142);
    }

    @Test
    void readsTheThroughputOfEachSecond() {
        String output =
                """
                [ 1s ] thds: 8 tps: 9.98 qps: 1000.50 (r/w/o: 1000.50/0.00/0.00) lat (ms,95%): 1.50 err/s: 0.00
                [ 2s ] thds: 8 tps: 9.98 qps: 2000.25 (r/w/o: 2000.25/0.00/0.00) lat (ms,95%): 1.50 err/s: 0.00
                """;
        assertThat(SysbenchOutput.curve(output)).containsExactly(1000.5, 2000.25);
    }

    @Test
    void showsWhatItCouldNotRead() {
        assertThatThrownBy(() -> SysbenchOutput.measured("FATAL: nothing"))
                .hasMessageContaining("FATAL: nothing");
    }

    private static String resource(String name) throws IOException {
        try (var stream = SysbenchOutputTest.class.getResourceAsStream(name)) {
            byte[] bytes = Objects.requireNonNull(stream).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
