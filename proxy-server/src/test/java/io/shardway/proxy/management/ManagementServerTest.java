package io.shardway.proxy.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.proxy.metrics.StatementKind;
import io.shardway.proxy.query.FakeStatus;
import io.shardway.proxy.query.ProxyStage;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {

    private static final FakeStatus STATUS = new FakeStatus();
    private static final PrometheusMeterRegistry REGISTRY =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private static final ProxyMetrics METRICS = new ProxyMetrics(REGISTRY);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ManagementServer server;

    @BeforeAll
    static void start() throws Exception {
        server = start(Map.of("management.port", "0")).orElseThrow();
        server.ready().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        server.close();
        HTTP.close();
    }

    @BeforeEach
    void allIsWell() {
        STATUS.stage = ProxyStage.SERVING;
        STATUS.connected = true;
        STATUS.lastErrorOfS2 = Optional.empty();
        STATUS.s2Fenced = false;
    }

    @Test
    void isUpWhileAllIsWell() throws Exception {
        var health = get("/actuator/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).startsWith("{\"").contains("\"status\":\"UP\"");
        assertThat(health.body()).contains("\"epoch\":7").doesNotContain("DEGRADED");
        assertThat(health.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void isDegradedButServedWhileZooKeeperIsAway() throws Exception {
        STATUS.connected = false;
        var health = get("/actuator/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"status\":\"DEGRADED\"", "\"snapshotAgeSeconds\":90");
        assertThat(get("/actuator/health/readiness").body()).contains("\"status\":\"UP\"");
    }

    @Test
    void isDegradedWhileANodeIsUnreachableOrFenced() throws Exception {
        STATUS.lastErrorOfS2 = Optional.of("connection refused");
        assertThat(get("/actuator/health/nodes").body())
                .contains("DEGRADED", "\"s2-a\":\"connection refused\"");
        STATUS.s2Fenced = true;
        assertThat(get("/actuator/health/nodes").body()).contains("\"s2-a\":\"fenced\"");
        assertThat(get("/actuator/health").statusCode()).isEqualTo(200);
    }

    @Test
    void isOutOfServiceWhileDrainingButStillAlive() throws Exception {
        STATUS.stage = ProxyStage.DRAINING;
        STATUS.connected = false;
        assertThat(get("/actuator/health").statusCode()).isEqualTo(503);
        assertThat(get("/actuator/health").body()).contains("OUT_OF_SERVICE");
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(503);
        assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    }

    @Test
    void servesMetricsByTheWordsOfTheProject() throws Exception {
        METRICS.statement(StatementKind.KEYED, 1_000_000);
        METRICS.error(ErrorCode.POOL_EXHAUSTED);
        STATUS.connected = false;
        var metrics = get("/actuator/prometheus");
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.body())
                .contains(
                        "shardway_statements_seconds_count{kind=\"keyed\"} 1",
                        "shardway_errors_total{code=\"SW-5001\",kind=\"retryable\"} 1.0",
                        "shardway_pool_connections{flavour=\"\",node=\"s1-a\",shard=\"s1\","
                                + "state=\"leased\"} 2.0",
                        "shardway_sessions 1.0",
                        "shardway_topology_epoch 7.0",
                        "shardway_topology_snapshot_age_seconds 90.0",
                        "jvm_memory_used_bytes");
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(metrics.body()).contains("code=\"" + code.id() + "\"");
        }
    }

    @Test
    void answersNothingElse() throws Exception {
        assertThat(get("/actuator/health/nobody").statusCode()).isEqualTo(404);
        assertThat(get("/actuator/healthy").statusCode()).isEqualTo(404);
        assertThat(get("/actuator/env").statusCode()).isEqualTo(404);
        assertThat(get("/").statusCode()).isEqualTo(404);
        var post =
                HttpRequest.newBuilder(uri("/actuator/health"))
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build();
        assertThat(HTTP.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
    }

    @Test
    void refusesATakenPortAtOnce() {
        assertThatThrownBy(() -> start(Map.of("management.port", Integer.toString(server.port()))))
                .hasMessageContaining("cannot listen on 127.0.0.1:" + server.port())
                .hasMessageContaining("management.enabled: false");
    }

    @Test
    void isNotStartedWhenSwitchedOff() {
        assertThat(start(Map.of("management.enabled", "false"))).isEmpty();
    }

    private static Optional<ManagementServer> start(Map<String, String> settings) {
        return ManagementServer.start(ProxySettings.of(settings).management(), STATUS, REGISTRY);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
