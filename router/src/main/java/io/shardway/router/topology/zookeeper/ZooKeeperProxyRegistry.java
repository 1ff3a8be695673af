package io.shardway.router.topology.zookeeper;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;

/** The proxies in ZooKeeper. Thread-safe; methods block. */
final class ZooKeeperProxyRegistry implements ProxyRegistry {

    /** A watch tells at once; this only bounds the harm of one that was lost. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(250);

    private static final Duration MARGIN = Duration.ofSeconds(5);

    private final Nodes nodes;
    private final Paths paths;
    private final ZooKeeperSettings settings;
    private final Layout layout;
    private final ProxyNodes proxyNodes;

    ZooKeeperProxyRegistry(Nodes nodes, Paths paths, ZooKeeperSettings settings) {
        this.nodes = nodes;
        this.paths = paths;
        this.settings = settings;
        this.layout = new Layout(nodes, paths);
        this.proxyNodes = new ProxyNodes(nodes, paths);
    }

    @Override
    public ProxyRegistration register(ProxyInfo info) {
        return Nodes.call(() -> {
            layout.ensure();
            var claims = new ProxyClaims(nodes, paths, proxyNodes, info);
            Deadline deadline = Deadline.after(predecessorLivesAtMost());
            while (true) {
                Optional<ProxyClaims.Claim> claim = claims.attempt();
                if (claim.isPresent()) {
                    return ZooKeeperProxyRegistration.start(
                            nodes, paths, claim.get(), settings.refreshInterval());
                }
                if (deadline.hasPassed()) {
                    throw new ShardwayException(ErrorCode.PROXY_NAME_TAKEN, info.name());
                }
                Thread.sleep(LOOK_INTERVAL);
            }
        });
    }

    @Override
    public List<ProxyState> proxies() {
        return Nodes.call(() -> {
            layout.check();
            return proxyNodes.states();
        });
    }

    @Override
    public List<ProxyState> awaitAnnounced(Epoch epoch, Deadline deadline) {
        return Nodes.call(() -> {
            var told = new Semaphore(0);
            Watcher watcher = _ -> told.release();
            nodes.sync(paths.proxies());
            List<ProxyState> late = late(epoch);
            while (isWaitedFor(late, deadline)) {
                // First the watch, then the reading: no announcement is missed.
                proxyNodes.watch(late, watcher);
                late = late(epoch);
                if (isWaitedFor(late, deadline)) {
                    var _ = told.tryAcquire(waitMillis(deadline), TimeUnit.MILLISECONDS);
                    told.drainPermits();
                }
            }
            return late(epoch);
        });
    }

    @Override
    public void forget(int number) {
        Nodes.call(() -> {
            Optional<ProxyNodes.Entry> entry = proxyNodes.entry(number);
            if (entry.isPresent()) {
                remove(entry.get());
            }
            return number;
        });
    }

    private List<ProxyState> late(Epoch epoch) throws Exception {
        return proxyNodes.states().stream().filter(state -> state.owes(epoch)).toList();
    }

    private static boolean isWaitedFor(List<ProxyState> late, Deadline deadline) {
        return !deadline.hasPassed() && late.stream().anyMatch(ProxyState::alive);
    }

    private static long waitMillis(Deadline deadline) {
        return Math.min(LOOK_INTERVAL.toMillis(), deadline.remaining().toMillis() + 1);
    }

    /** ZooKeeper may round the session timeout up; a crashed predecessor is gone by then. */
    private Duration predecessorLivesAtMost() throws Exception {
        int negotiated = nodes.curator().getZookeeperClient().getZooKeeper().getSessionTimeout();
        Duration asked = settings.sessionTimeout();
        Duration timeout = Duration.ofMillis(Math.max(negotiated, asked.toMillis()));
        return timeout.multipliedBy(2).plus(MARGIN);
    }

    private void remove(ProxyNodes.Entry entry) throws Exception {
        int number = entry.state().number();
        if (entry.state().alive()) {
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_CONFLICT, "proxy %d is alive".formatted(number));
        }
        for (String request : nodes.children(paths.inbox(number))) {
            nodes.deleteQuietly(paths.inbox(number) + "/" + request);
        }
        try {
            nodes.commit(
                    List.of(
                            nodes.delete(paths.inbox(number)),
                            nodes.delete(paths.announced(number)),
                            nodes.delete(paths.proxy(number), entry.version())));
        } catch (KeeperException.NoNodeException _) {
            // Forgotten already, perhaps by this very call, its answer lost.
        } catch (KeeperException.BadVersionException | KeeperException.NotEmptyException e) {
            throw new ShardwayException(
                    ErrorCode.TOPOLOGY_CONFLICT, "proxy %d came back".formatted(number), e);
        }
    }
}
