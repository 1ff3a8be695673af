package io.shardway.proxy.management;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers {@code /actuator/prometheus}. Thread-safe. */
final class MetricsHandler implements HttpHandler {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final StatusMetrics statusMetrics;
    private final PrometheusMeterRegistry registry;

    MetricsHandler(StatusMetrics statusMetrics, PrometheusMeterRegistry registry) {
        this.statusMetrics = statusMetrics;
        this.registry = registry;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        statusMetrics.refresh();
        byte[] page = registry.scrape(TEXT).getBytes(StandardCharsets.UTF_8);
        Http.answer(exchange, 200, TEXT, page);
    }
}
