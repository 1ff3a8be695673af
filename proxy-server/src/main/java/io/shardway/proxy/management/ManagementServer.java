package io.shardway.proxy.management;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.shardway.proxy.query.ProxyStatus;
import io.shardway.proxy.settings.ManagementSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Serves {@code /actuator/health} and {@code /actuator/prometheus}. Thread-safe.
 *
 * <p>The port is bound at once, so that a taken one stops the start; Spring comes up behind it in
 * the background, because it costs seconds of processor time that first clients should have. Until
 * then health is 503 and metrics are served already.
 */
public final class ManagementServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);

    private final HttpServer http;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<ConfigurableApplicationContext> spring =
            new CompletableFuture<>();

    private ManagementServer(HttpServer http) {
        this.http = http;
    }

    /**
     * Empty if management is switched off. Throws BAD_SETTING if the port cannot be bound. Call it
     * when clients can already connect.
     */
    public static Optional<ManagementServer> start(
            ManagementSettings settings, ProxyStatus status, PrometheusMeterRegistry registry) {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        var server = new ManagementServer(bind(settings));
        server.serve(status, registry);
        return Optional.of(server);
    }

    /** The port really bound. */
    public int port() {
        return http.getAddress().getPort();
    }

    /** Completes when health is served, or fails with why it never will be. */
    public CompletionStage<Void> ready() {
        return spring.thenApply(context -> null);
    }

    @Override
    public void close() {
        http.stop(0);
        handlers.shutdownNow();
        spring.whenComplete((context, failure) -> {
            if (failure == null) {
                context.close();
            }
        });
    }

    private static HttpServer bind(ManagementSettings settings) {
        // Read once by the JDK's server: a client that stalls must not hold a connection for ever.
        System.setProperty("sun.net.httpserver.maxReqTime", "30");
        System.setProperty("sun.net.httpserver.maxRspTime", "60");
        System.setProperty("jdk.httpserver.maxConnections", "100");
        var address = new InetSocketAddress(settings.host(), settings.port());
        try {
            return HttpServer.create(address, 0);
        } catch (IOException | RuntimeException failed) {
            throw new ShardwayException(
                    ErrorCode.BAD_SETTING,
                    "cannot listen on %s:%d for health and metrics (%s): set management.host and"
                                    .formatted(
                                            settings.host(), settings.port(), failed.getMessage())
                            + " management.port, or management.enabled: false",
                    failed);
        }
    }

    private void serve(ProxyStatus status, PrometheusMeterRegistry registry) {
        var statusMetrics = new StatusMetrics(status, registry);
        http.setExecutor(handlers);
        http.createContext("/actuator/prometheus", new MetricsHandler(statusMetrics, registry));
        http.createContext("/actuator/health", new HealthHandler(spring));
        http.start();
        Thread.ofPlatform()
                .name("management-start")
                .daemon()
                .start(() -> startSpring(status, statusMetrics));
    }

    private void startSpring(ProxyStatus status, StatusMetrics statusMetrics) {
        long begin = System.nanoTime();
        try {
            statusMetrics.registerJvm();
            spring.complete(ManagementApplication.run(status));
            LOG.atInfo()
                    .addKeyValue("port", port())
                    .addKeyValue("millis", (System.nanoTime() - begin) / 1_000_000)
                    .log("management ready");
        } catch (RuntimeException | LinkageError failed) {
            spring.completeExceptionally(failed);
        }
    }
}
