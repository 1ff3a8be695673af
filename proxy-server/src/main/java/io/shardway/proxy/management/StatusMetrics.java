package io.shardway.proxy.management;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.shardway.proxy.query.PoolStatus;
import io.shardway.proxy.query.ProxyStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The proxy's status as gauges, read when somebody looks. Thread-safe. */
final class StatusMetrics {

    private final ProxyStatus status;
    private final MeterRegistry registry;
    private final MultiGauge connections;
    private final MultiGauge limits;
    private final MultiGauge waiters;
    private final MultiGauge fenced;
    private final MultiGauge reachable;

    StatusMetrics(ProxyStatus status, MeterRegistry registry) {
        this.status = status;
        this.registry = registry;
        connections = gauges("shardway.pool.connections", "Backend connections by state");
        limits = gauges("shardway.pool.limit", "How many connections a pool may open");
        waiters = gauges("shardway.pool.waiters", "Statements that wait for a connection");
        fenced = gauges("shardway.pool.fenced", "1 while this proxy is fenced on the node");
        reachable = gauges("shardway.pool.reachable", "0 while the node cannot be reached");
        Gauge.builder("shardway.sessions", status, ProxyStatus::sessionCount)
                .description("Clients connected")
                .register(registry);
        Gauge.builder("shardway.topology.epoch", () -> status.topologyStatus().epoch().number())
                .description("Epoch of the served snapshot")
                .register(registry);
        Gauge.builder(
                        "shardway.topology.connected",
                        () -> status.topologyStatus().connected() ? 1 : 0)
                .description("0 while ZooKeeper cannot be reached")
                .register(registry);
        TimeGauge.builder(
                        "shardway.topology.snapshot.age",
                        () -> status.topologyStatus().snapshotAge().toMillis(),
                        TimeUnit.MILLISECONDS)
                .description("Since the served snapshot was last known to be the newest")
                .register(registry);
    }

    /** Memory, threads, collections, processor, files and uptime of this process. */
    @SuppressWarnings("resource") // The collector of GC figures lives as long as the process.
    void registerJvm() {
        Stream.of(
                        new JvmMemoryMetrics(),
                        new JvmGcMetrics(),
                        new JvmThreadMetrics(),
                        new ClassLoaderMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(registry));
    }

    /** Brings the pools' gauges up to date: pools come and go with the topology. */
    synchronized void refresh() {
        List<PoolStatus> pools = status.pools();
        connections.register(
                pools.stream()
                        .<MultiGauge.Row<?>>mapMulti((pool, rows) -> {
                            rows.accept(row(pool, pool.idle(), "state", "idle"));
                            rows.accept(row(pool, pool.leased(), "state", "leased"));
                        })
                        .toList(),
                true);
        register(limits, pools.stream().map(pool -> row(pool, pool.limit())));
        register(waiters, pools.stream().map(pool -> row(pool, pool.waiters())));
        register(fenced, pools.stream().map(pool -> row(pool, pool.fenced() ? 1 : 0)));
        register(
                reachable,
                pools.stream().map(pool -> row(pool, pool.lastError().isEmpty() ? 1 : 0)));
    }

    private MultiGauge gauges(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    private static void register(MultiGauge gauge, Stream<MultiGauge.Row<?>> rows) {
        gauge.register(rows.toList(), true);
    }

    private static MultiGauge.Row<?> row(PoolStatus pool, int value, String... tags) {
        return MultiGauge.Row.of(
                Tags.of(
                                "node",
                                pool.node(),
                                "shard",
                                pool.shard().name(),
                                "flavour",
                                pool.flavour())
                        .and(tags),
                value);
    }
}
