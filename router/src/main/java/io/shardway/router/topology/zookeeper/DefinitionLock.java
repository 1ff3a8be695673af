package io.shardway.router.topology.zookeeper;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionJournal;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An ephemeral node that one process at a time has. Thread-safe; methods block. */
final class DefinitionLock implements DefinitionJournal.Lock {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionLock.class);
    private static final int RETRY_MILLIS = 500;

    private final Nodes nodes;
    private final String path;
    private final String id;

    private DefinitionLock(Nodes nodes, String path, String id) {
        this.nodes = nodes;
        this.path = path;
        this.id = id;
    }

    /** The content of the node; the id tells an attempt of our own whose answer was lost. */
    record Holder(String id, String holder) {}

    static DefinitionLock take(Nodes nodes, String path, String holder, Deadline deadline)
            throws Exception {
        var own = new Holder(UUID.randomUUID().toString(), holder);
        var told = new Semaphore(0);
        Watcher watcher = _ -> told.release();
        while (true) {
            if (attempt(nodes, path, own)) {
                return new DefinitionLock(nodes, path, own.id());
            }
            Optional<Stat> there = nodes.stat(path, watcher);
            if (deadline.hasPassed()) {
                throw new ShardwayException(
                        ErrorCode.DEFINITION_RUNNING,
                        holderOf(nodes, path).orElse("it ended just now"));
            }
            if (there.isPresent()) {
                var _ = told.tryAcquire(deadline.remaining().toMillis() + 1, TimeUnit.MILLISECONDS);
            }
        }
    }

    private static boolean attempt(Nodes nodes, String path, Holder own) throws Exception {
        try {
            nodes.commit(List.of(nodes.createEphemeral(path, Json.write(own))));
            return true;
        } catch (KeeperException.NodeExistsException _) {
            return nodes.read(path)
                    .map(node -> Json.read(node.data(), Holder.class, path).id().equals(own.id()))
                    .orElse(false);
        }
    }

    static Optional<String> holderOf(Nodes nodes, String path) throws Exception {
        return nodes.read(path).map(node -> Json.read(node.data(), Holder.class, path).holder());
    }

    @Override
    public void requireHeld() {
        boolean held =
                Nodes.call(() -> {
                    nodes.sync(path);
                    return isOurs(nodes.read(path));
                });
        if (!held) {
            throw new ShardwayException(
                    ErrorCode.DEFINITION_TAKEN_OVER, "the keyspace's lock was lost");
        }
    }

    @Override
    public void close() {
        try {
            release();
        } catch (Exception away) {
            LOG.warn("event=lock-released-later path={} reason={}", path, away.toString());
            Thread.ofVirtual().name("definition-lock").start(this::releaseLater);
        }
    }

    /** Only what is ours: after a lost session somebody else may have it. */
    private void release() throws Exception {
        if (isOurs(nodes.read(path))) {
            nodes.deleteQuietly(path);
        }
    }

    private boolean isOurs(Optional<Nodes.Stored> there) {
        return there.map(node -> Json.read(node.data(), Holder.class, path).id())
                .filter(id::equals)
                .isPresent();
    }

    private void releaseLater() {
        while (nodes.curator().getState() == CuratorFrameworkState.STARTED) {
            try {
                Thread.sleep(RETRY_MILLIS);
                release();
                return;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            } catch (Exception away) {
                LOG.debug("event=lock-still-held path={} reason={}", path, away.toString());
            }
        }
    }
}
