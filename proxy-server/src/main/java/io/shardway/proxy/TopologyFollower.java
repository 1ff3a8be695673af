package io.shardway.proxy;

import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.execution.Serving;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.CatalogLoader;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings each newer topology to all event loops, waits until statements routed before have ended,
 * and announces the epoch. Thread-safe.
 */
final class TopologyFollower {

    private static final Logger LOG = LoggerFactory.getLogger(TopologyFollower.class);

    private final CatalogLoader catalogs;
    private final List<LoopContext> loops;
    private final BiConsumer<LoopContext, Topology> updatePools;
    private final Consumer<Topology> prepare;
    private final ProxyRegistration registration;
    private volatile Serving serving;

    /**
     * @param prepare makes ready on the nodes what a topology needs before it is served
     */
    TopologyFollower(
            CatalogLoader catalogs,
            List<LoopContext> loops,
            BiConsumer<LoopContext, Topology> updatePools,
            Consumer<Topology> prepare,
            ProxyRegistration registration,
            Serving first) {
        this.catalogs = catalogs;
        this.loops = List.copyOf(loops);
        this.updatePools = updatePools;
        this.prepare = prepare;
        this.registration = registration;
        this.serving = first;
    }

    Serving serving() {
        return serving;
    }

    /** Takes over a topology; an older one than is served is left alone. */
    synchronized void follow(Topology topology) {
        if (!topology.epoch().isAfter(serving.topology().epoch())) {
            return;
        }
        prepare.accept(topology);
        var next = new Serving(topology, catalogs.load(topology, Optional.of(serving.catalog())));
        serving = next;
        Epoch epoch = topology.epoch();
        // Not awaited: a statement that runs for minutes must not keep later epochs away from the
        // others.
        swap(next, () -> Thread.ofVirtual().name("announce").start(() -> announce(epoch)));
        LOG.info("event=epoch-served epoch={}", epoch);
        warnOfUnusable(next.catalog());
    }

    /**
     * Looks again at tables that were not on the node as the topology says, and serves them once
     * they are; blocks. Without such tables nothing is read.
     */
    synchronized void readUnusableAgain() {
        Serving now = serving;
        if (!now.catalog().hasUnusable()) {
            return;
        }
        Catalog read;
        try {
            read = catalogs.load(now.topology(), Optional.of(now.catalog()));
        } catch (ShardwayException away) {
            LOG.debug("event=schema-unread reason={}", away.getMessage());
            return;
        }
        if (!read.equals(now.catalog())) {
            serving = new Serving(now.topology(), read);
            swap(serving, () -> {});
            LOG.info("event=schema-read-again epoch={}", now.topology().epoch());
            warnOfUnusable(read);
        }
    }

    private static void warnOfUnusable(Catalog catalog) {
        catalog.sharded()
                .values()
                .forEach(schema ->
                        schema.unusable()
                                .values()
                                .forEach(wrong ->
                                        LOG.warn(
                                                "event=table-unusable code={} reason={}",
                                                ErrorCode.SCHEMA_MISMATCH.id(),
                                                wrong.why())));
    }

    /** Brings the loops to the first topology; blocks. */
    void beginWith(Serving first) {
        warnOfUnusable(first.catalog());
        var begun = new CountDownLatch(1);
        swap(first, begun::countDown);
        try {
            begun.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Brings the loops to what is served; {@code drained} runs once all statements routed before
     * have ended.
     */
    private void swap(Serving next, Runnable drained) {
        var left = new AtomicInteger(loops.size());
        for (LoopContext loop : loops) {
            loop.loop()
                    .execute(() -> {
                        updatePools.accept(loop, next.topology());
                        loop.serve(
                                next,
                                () -> {
                                    if (left.decrementAndGet() == 0) {
                                        drained.run();
                                    }
                                });
                    });
        }
    }

    void announce(Epoch epoch) {
        try {
            registration.announce(epoch);
        } catch (ShardwayException away) {
            LOG.warn("event=announce-later epoch={} reason={}", epoch, away.getMessage());
        }
    }
}
