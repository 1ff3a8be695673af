package io.shardway.proxy.management;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Answers {@code /actuator/health}, its groups and components, as actuator does behind other
 * servers. Thread-safe.
 */
final class HealthHandler implements HttpHandler {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                    .build();

    private final CompletableFuture<ConfigurableApplicationContext> spring;

    HealthHandler(CompletableFuture<ConfigurableApplicationContext> spring) {
        this.spring = spring;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!spring.isDone() || spring.isCompletedExceptionally()) {
            answer(exchange, 503, Map.of("status", "OUT_OF_SERVICE", "reason", "starting"));
            return;
        }
        ConfigurableApplicationContext context = spring.join();
        HealthDescriptor health = health(context, exchange.getRequestURI().getPath());
        if (health == null) {
            answer(exchange, 404, Map.of("error", "no such health component or group"));
            return;
        }
        int code = context.getBean(HttpCodeStatusMapper.class).getStatusCode(health.getStatus());
        answer(exchange, code, health);
    }

    private static @Nullable HealthDescriptor health(
            ConfigurableApplicationContext context, String path) {
        String below = path.substring("/actuator/health".length()).replaceFirst("^/", "");
        var endpoint = context.getBean(HealthEndpoint.class);
        return below.isEmpty() ? endpoint.health() : endpoint.healthForPath(below.split("/"));
    }

    private static void answer(HttpExchange exchange, int code, Object body) throws IOException {
        Http.answer(exchange, code, "application/json", JSON.writeValueAsBytes(body));
    }
}
