package io.shardway.proxy;

import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Node;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for the reason when a node refuses this proxy: a newer topology, or a missing account.
 * Thread-safe.
 */
final class TroubledNodes implements NodePool.PoolListener {

    private static final Logger LOG = LoggerFactory.getLogger(TroubledNodes.class);

    private final TopologyRereader rereader;
    private final ServingAccounts accounts;
    private final Supplier<Serving> serving;
    private final BooleanSupplier inTouch;
    private final ProxyMetrics metrics;

    /**
     * @param inTouch whether ZooKeeper is there: without it no accounts are made
     */
    TroubledNodes(
            TopologyRereader rereader,
            ServingAccounts accounts,
            Supplier<Serving> serving,
            BooleanSupplier inTouch,
            ProxyMetrics metrics) {
        this.rereader = rereader;
        this.accounts = accounts;
        this.serving = serving;
        this.inTouch = inTouch;
        this.metrics = metrics;
    }

    @Override
    public void troubled(Node node, ShardwayException reason) {
        LOG.debug("event=node-troubled node={} reason={}", node.name(), reason.getMessage());
        rereader.reread();
        if (!inTouch.getAsBoolean()) {
            // Somebody may have forgotten this proxy, and dropped its accounts, to shut it out.
            return;
        }
        if (reason.code() == ErrorCode.KEYSPACE_ACCOUNT_MISSING) {
            accounts.forget(node);
        }
        accounts.complete(node, serving.get().topology());
    }

    @Override
    public void waited(Node node, long nanos) {
        metrics.poolWait(nanos);
    }
}
