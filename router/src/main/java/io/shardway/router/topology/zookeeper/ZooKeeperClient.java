package io.shardway.router.topology.zookeeper;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.KillMailbox;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.TopologyStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryUntilElapsed;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's connection to ZooKeeper and the way to everything that is kept there. Thread-safe.
 *
 * <p>Threads: everything that blocks runs on the caller's thread; each watch and each registration
 * has one virtual thread of its own. Once connected, the connection heals itself.
 *
 * <p>With credentials every node is made for that user alone. Without them every node is open to
 * the world: only for ZooKeepers that nobody else can reach.
 */
public final class ZooKeeperClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperClient.class);
    private static final int PAUSE_BETWEEN_RETRIES_MILLIS = 100;

    private final CuratorFramework curator;
    private final TopologyStore topologyStore;
    private final ProxyRegistry proxyRegistry;
    private final AccountStore accountStore;
    private final KillMailbox killMailbox;
    private final DefinitionJournal definitionJournal;

    private ZooKeeperClient(CuratorFramework curator, ZooKeeperSettings settings, Clock clock) {
        this.curator = curator;
        var nodes = new Nodes(curator, settings.operationTimeout());
        var paths = new Paths(settings.root());
        var interval = settings.refreshInterval();
        this.topologyStore = new ZooKeeperTopologyStore(nodes, paths, interval, clock);
        this.proxyRegistry = new ZooKeeperProxyRegistry(nodes, paths, settings);
        this.accountStore = new ZooKeeperAccountStore(nodes, paths, interval);
        this.killMailbox = new ZooKeeperKillMailbox(nodes, paths, interval);
        this.definitionJournal = new ZooKeeperDefinitionJournal(nodes, paths);
    }

    /** Blocks until connected; fails when that takes longer than the operation timeout. */
    public static ZooKeeperClient connect(ZooKeeperSettings settings, Clock clock) {
        CuratorFramework curator = build(settings);
        curator.start();
        try {
            long timeoutMillis = settings.operationTimeout().toMillis();
            if (!curator.blockUntilConnected((int) timeoutMillis, TimeUnit.MILLISECONDS)) {
                throw new ShardwayException(ErrorCode.TOPOLOGY_UNAVAILABLE, settings.servers());
            }
            return new ZooKeeperClient(curator, settings, clock);
        } catch (Exception e) {
            curator.close();
            throw Nodes.translate(e);
        }
    }

    public TopologyStore topologyStore() {
        return topologyStore;
    }

    public ProxyRegistry proxyRegistry() {
        return proxyRegistry;
    }

    public AccountStore accountStore() {
        return accountStore;
    }

    public KillMailbox killMailbox() {
        return killMailbox;
    }

    public DefinitionJournal definitionJournal() {
        return definitionJournal;
    }

    /** For tests that look at single nodes. */
    CuratorFramework curator() {
        return curator;
    }

    /** Ends the session at once. Watches and registrations should have been closed before. */
    @Override
    public void close() {
        curator.close();
    }

    private static CuratorFramework build(ZooKeeperSettings settings) {
        int operationMillis = (int) settings.operationTimeout().toMillis();
        int sessionMillis = (int) settings.sessionTimeout().toMillis();
        var builder =
                CuratorFrameworkFactory.builder()
                        .connectString(settings.servers())
                        .sessionTimeoutMs(sessionMillis)
                        .connectionTimeoutMs(Math.min(operationMillis, sessionMillis))
                        .retryPolicy(
                                new RetryUntilElapsed(
                                        operationMillis, PAUSE_BETWEEN_RETRIES_MILLIS))
                        // The settings say where the servers are, not /zookeeper/config.
                        .ensembleTracker(false);
        if (settings.credentials().isPresent()) {
            builder.authorization("digest", settings.credentials().get().digest())
                    .aclProvider(allNodes(ZooDefs.Ids.CREATOR_ALL_ACL));
        } else {
            LOG.warn(
                    "zookeeper={} root={} has no credentials: everybody who reaches ZooKeeper can"
                            + " read and change the topology and the accounts",
                    settings.servers(),
                    settings.root());
            builder.aclProvider(allNodes(ZooDefs.Ids.OPEN_ACL_UNSAFE));
        }
        return builder.build();
    }

    private static ACLProvider allNodes(List<ACL> acl) {
        return new ACLProvider() {
            @Override
            public List<ACL> getDefaultAcl() {
                return acl;
            }

            @Override
            public List<ACL> getAclForPath(String path) {
                return acl;
            }
        };
    }
}
