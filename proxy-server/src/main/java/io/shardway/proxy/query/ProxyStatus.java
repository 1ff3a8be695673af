package io.shardway.proxy.query;

import io.shardway.router.topology.Topology;
import java.util.List;
import java.util.Optional;

/**
 * What one running proxy tells of itself. Thread-safe; the values of one call belong together,
 * those of two calls need not.
 */
public interface ProxyStatus {

    ProxyStage stage();

    /** The snapshot being served. Does not block. */
    Topology topology();

    /** What is wrong with a table that is in the topology but cannot be used. Does not block. */
    Optional<String> whyUnusable(String keyspace, String table);

    /** Does not block. */
    TopologyStatus topologyStatus();

    /** One entry for each pool, in the order of nodes. Does not block. */
    List<PoolStatus> pools();

    /** How many clients are connected. Does not block. */
    int sessionCount();

    /** Those of this proxy, in the order of their ids. May wait for the event loops. */
    List<SessionStatus> sessions();

    /** All registered proxies, this one too. May wait for ZooKeeper. */
    List<ProxyPeer> proxies();

    /** Those of all proxies, by name. May wait for the default shard. */
    List<SequenceStatus> sequences();
}
