package io.shardway.router.topology.zookeeper;

import io.shardway.router.Deadline;
import io.shardway.router.topology.KillMailbox;
import io.shardway.router.topology.KillOutcome;
import io.shardway.router.topology.KillRequest;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Watch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KILL requests as nodes in the inbox of the proxy they are for. Thread-safe; methods block.
 *
 * <p>A request is an ephemeral node of its sender, so that a dead sender leaves nothing behind. The
 * receiver writes the outcome into it, the sender reads and deletes it.
 */
final class ZooKeeperKillMailbox implements KillMailbox {

    /** More unanswered requests than this are refused. */
    static final int INBOX_MAX = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperKillMailbox.class);

    private final Nodes nodes;
    private final Paths paths;
    private final Duration refreshInterval;

    ZooKeeperKillMailbox(Nodes nodes, Paths paths, Duration refreshInterval) {
        this.nodes = nodes;
        this.paths = paths;
        this.refreshInterval = refreshInterval;
    }

    @Override
    public KillOutcome send(int proxyNumber, KillRequest request, Duration timeout) {
        if (!nodes.curator().getZookeeperClient().isConnected()) {
            return KillOutcome.UNREACHABLE;
        }
        try {
            Optional<Nodes.Stored> alive = nodes.read(paths.alive(proxyNumber));
            if (alive.isEmpty() && nodes.read(paths.proxy(proxyNumber)).isEmpty()) {
                return KillOutcome.UNKNOWN_SESSION;
            }
            if (alive.isEmpty() || isFull(proxyNumber)) {
                return KillOutcome.UNREACHABLE;
            }
            String path = paths.inbox(proxyNumber) + "/" + UUID.randomUUID();
            post(path, KillDocument.of(Nodes.text(alive.get()), request));
            return awaitOutcome(path, Deadline.after(timeout));
        } catch (Exception e) {
            // translate() also keeps the interrupt, if it was one.
            LOG.warn("proxy={} cannot be asked to kill", proxyNumber, Nodes.translate(e));
            return KillOutcome.UNREACHABLE;
        }
    }

    @Override
    public Watch receive(
            ProxyRegistration registration, Function<KillRequest, KillOutcome> handler) {
        if (!(registration instanceof ZooKeeperProxyRegistration own)) {
            throw new IllegalArgumentException("this registration is not of this registry");
        }
        var inbox = new KillInbox(nodes, paths.inbox(own.number()), own.incarnation(), handler);
        String name = "kill-inbox-" + own.number();
        return Rereader.start(nodes.curator(), name, refreshInterval, inbox::read);
    }

    private boolean isFull(int proxyNumber) throws Exception {
        return nodes.stat(paths.inbox(proxyNumber))
                .filter(stat -> stat.getNumChildren() < INBOX_MAX)
                .isEmpty();
    }

    private void post(String path, KillDocument document) throws Exception {
        try {
            nodes.commit(List.of(nodes.createEphemeral(path, Json.write(document))));
        } catch (KeeperException.NodeExistsException _) {
            // Ours: the name is drawn. The first attempt came through, its answer was lost.
        }
    }

    private KillOutcome awaitOutcome(String path, Deadline deadline) throws Exception {
        var told = new Semaphore(0);
        Watcher watcher = _ -> told.release();
        while (!isAnswered(nodes.stat(path, watcher)) && !deadline.hasPassed()) {
            var _ = told.tryAcquire(deadline.remaining().toMillis() + 1, TimeUnit.MILLISECONDS);
        }
        Optional<KillOutcome> outcome =
                nodes.read(path)
                        .flatMap(node -> Json.read(node.data(), KillDocument.class, path).result());
        nodes.deleteQuietly(path);
        return outcome.orElse(KillOutcome.UNREACHABLE);
    }

    /** A request that vanished will not be answered either. */
    private static boolean isAnswered(Optional<Stat> request) {
        return request.isEmpty() || request.get().getVersion() > 0;
    }
}
