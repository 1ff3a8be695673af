package io.shardway.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shardway.router.ErrorCode;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProxyMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ProxyMetrics metrics = new ProxyMetrics(registry);

    @Test
    void everyErrorCodeHasACounterFromTheStart() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(registry.get("shardway.errors").tag("code", code.id()).functionCounter())
                    .satisfies(counter -> assertThat(counter.count()).isZero());
        }
    }

    @Test
    void countsStatementsWaitsAndLogins() {
        metrics.statement(StatementKind.KEYED, 2_000);
        metrics.statement(StatementKind.KEYED, 3_000);
        metrics.poolWait(7_000);
        metrics.login(true);
        metrics.login(false);
        metrics.login(false);
        var keyed = registry.get("shardway.statements").tag("kind", "keyed").functionTimer();
        assertThat(keyed.count()).isEqualTo(2);
        assertThat(keyed.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(5_000);
        assertThat(registry.get("shardway.pool.wait").functionTimer().count()).isEqualTo(1);
        assertThat(registry.get("shardway.logins").tag("outcome", "refused").functionCounter())
                .satisfies(counter -> assertThat(counter.count()).isEqualTo(2));
    }
}
