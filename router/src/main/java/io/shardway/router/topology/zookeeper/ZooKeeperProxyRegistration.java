package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyRegistration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a proxy's entry alive. Thread-safe; a virtual thread of its own looks after the entry.
 *
 * <p>Every write checks the version of the proxy's node in the same transaction: a process that was
 * superseded without knowing it can announce nothing.
 */
final class ZooKeeperProxyRegistration implements ProxyRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperProxyRegistration.class);

    private final Nodes nodes;
    private final Paths paths;
    private final ProxyClaims.Claim claim;
    private final CompletableFuture<Void> superseded = new CompletableFuture<>();
    private final ReentrantLock announcing = new ReentrantLock();
    private Epoch wanted = Epoch.NONE;
    private Epoch written = Epoch.NONE;
    private final Rereader keeper;

    private ZooKeeperProxyRegistration(
            Nodes nodes, Paths paths, ProxyClaims.Claim claim, Duration interval) {
        this.nodes = nodes;
        this.paths = paths;
        this.claim = claim;
        this.keeper =
                new Rereader(nodes.curator(), "proxy-" + claim.number(), interval, this::keep);
    }

    static ZooKeeperProxyRegistration start(
            Nodes nodes, Paths paths, ProxyClaims.Claim claim, Duration interval) {
        var registration = new ZooKeeperProxyRegistration(nodes, paths, claim, interval);
        registration.keeper.start();
        return registration;
    }

    @Override
    public int number() {
        return claim.number();
    }

    @Override
    public ProxyInfo info() {
        return claim.info();
    }

    String incarnation() {
        return claim.incarnation();
    }

    @Override
    public void announce(Epoch epoch) {
        Nodes.call(() -> {
            writeAnnouncement(epoch);
            return epoch;
        });
        if (superseded.isDone()) {
            throw new ShardwayException(ErrorCode.PROXY_NAME_TAKEN, info().name());
        }
    }

    @Override
    public CompletionStage<Void> superseded() {
        return superseded.minimalCompletionStage();
    }

    @Override
    public void unregister() {
        keeper.close();
        Nodes.call(() -> {
            leave();
            return number();
        });
    }

    @Override
    public void close() {
        keeper.close();
    }

    private void keep(Rereader rereader) throws Exception {
        Optional<Stat> alive = nodes.stat(paths.alive(number()), rereader.watcher());
        if (nodes.stat(paths.proxy(number())).filter(this::isOurs).isEmpty()) {
            supersede();
            return;
        }
        if (alive.isEmpty()) {
            write(List.of(createAlive()));
        } else if (!nodes.isOfThisSession(alive.get())) {
            // What an earlier session of ours left behind would vanish with that session.
            write(List.of(nodes.delete(paths.alive(number())), createAlive()));
        }
        writeAnnouncement(Epoch.NONE);
    }

    private boolean isOurs(Stat stat) {
        return stat.getVersion() == claim.version();
    }

    private CuratorOp createAlive() throws Exception {
        byte[] content = incarnation().getBytes(StandardCharsets.US_ASCII);
        return nodes.createEphemeral(paths.alive(number()), content);
    }

    private void writeAnnouncement(Epoch epoch) throws Exception {
        announcing.lock();
        try {
            wanted = epoch.isAfter(wanted) ? epoch : wanted;
            if (wanted.isAfter(written)
                    && write(
                            List.of(
                                    nodes.set(
                                            paths.announced(number()),
                                            ProxyNodes.bytesOf(wanted))))) {
                written = wanted;
            }
        } finally {
            announcing.unlock();
        }
    }

    /** False when somebody else took over, or changed the nodes at the same moment. */
    private boolean write(List<CuratorOp> operations) throws Exception {
        try {
            nodes.commit(
                    Stream.concat(
                                    Stream.of(nodes.check(paths.proxy(number()), claim.version())),
                                    operations.stream())
                            .toList());
            return true;
        } catch (KeeperException.BadVersionException _) {
            supersede();
        } catch (KeeperException.NoNodeException | KeeperException.NodeExistsException _) {
            keeper.tell();
        }
        return false;
    }

    private void supersede() {
        if (superseded.complete(null)) {
            LOG.error(
                    "proxy={} name={} was superseded: another process serves under this name, or"
                            + " an operator made the registry forget it",
                    number(),
                    info().name());
        }
        keeper.close();
    }

    private void leave() throws Exception {
        CuratorOp stop =
                nodes.set(
                        paths.proxy(number()),
                        claim.version(),
                        Json.write(ProxyDocument.of(info(), true)));
        try {
            nodes.commit(List.of(stop, nodes.delete(paths.alive(number()))));
        } catch (KeeperException.NoNodeException _) {
            leaveWithoutSession(stop);
        } catch (KeeperException.BadVersionException _) {
            // Already said, its answer lost; or superseded, and no longer ours to say.
        }
    }

    private void leaveWithoutSession(CuratorOp stop) throws Exception {
        try {
            nodes.commit(List.of(stop));
        } catch (KeeperException.NoNodeException | KeeperException.BadVersionException _) {
            // Forgotten or superseded.
        }
    }
}
