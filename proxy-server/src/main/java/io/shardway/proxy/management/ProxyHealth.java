package io.shardway.proxy.management;

import io.shardway.proxy.query.PoolStatus;
import io.shardway.proxy.query.ProxyStage;
import io.shardway.proxy.query.TopologyStatus;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** Judges a proxy's status. Stateless. */
final class ProxyHealth {

    /** Served, but not as it should be. */
    static final Status DEGRADED = new Status("DEGRADED");

    private ProxyHealth() {}

    /** Not to be sent clients unless it serves. */
    static Health ofStage(ProxyStage stage) {
        Health.Builder health =
                switch (stage) {
                    case SERVING -> Health.up();
                    case STARTING, DRAINING -> Health.outOfService();
                };
        return health.withDetail("stage", stage.name().toLowerCase(Locale.ROOT)).build();
    }

    /** Without ZooKeeper the snapshot is served on, but nothing can change. */
    static Health ofTopology(TopologyStatus topology) {
        Health.Builder health = topology.connected() ? Health.up() : Health.status(DEGRADED);
        return health.withDetail("epoch", topology.epoch().number())
                .withDetail("zookeeper", topology.connected() ? "connected" : "away")
                .withDetail("snapshotAgeSeconds", topology.snapshotAge().toSeconds())
                .build();
    }

    /** One unreachable or fenced node takes its shard from the clients, not the proxy. */
    static Health ofNodes(List<PoolStatus> pools) {
        Health.Builder health = Health.up();
        for (PoolStatus pool : pools) {
            if (pool.fenced()) {
                health.status(DEGRADED).withDetail(pool.node(), "fenced");
            } else if (pool.lastError().isPresent()) {
                health.status(DEGRADED).withDetail(pool.node(), pool.lastError().get());
            }
        }
        return health.build();
    }
}
