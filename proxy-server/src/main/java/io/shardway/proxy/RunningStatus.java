package io.shardway.proxy;

import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.execution.LoopContext;
import io.shardway.proxy.frontend.SessionFigures;
import io.shardway.proxy.query.PoolStatus;
import io.shardway.proxy.query.ProxyPeer;
import io.shardway.proxy.query.ProxyStage;
import io.shardway.proxy.query.ProxyStatus;
import io.shardway.proxy.query.SequenceStatus;
import io.shardway.proxy.query.SessionStatus;
import io.shardway.proxy.query.TopologyStatus;
import io.shardway.proxy.sequence.HeldBlock;
import io.shardway.router.ErrorCode;
import io.shardway.router.schema.UnusableTable;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyHealth;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the running proxy tells of itself. Thread-safe. */
final class RunningStatus implements ProxyStatus {

    private final ShardwayProxy proxy;

    RunningStatus(ShardwayProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public ProxyStage stage() {
        return proxy.stage();
    }

    @Override
    public Topology topology() {
        return proxy.serving().topology();
    }

    @Override
    public Optional<String> whyUnusable(String keyspace, String table) {
        return Optional.ofNullable(proxy.serving().catalog().sharded().get(keyspace))
                .map(schema -> schema.unusable().get(table))
                .map(UnusableTable::why);
    }

    @Override
    public TopologyStatus topologyStatus() {
        TopologyHealth health = proxy.store().health();
        return new TopologyStatus(
                topology().epoch(), health.connected(), health.age(Instant.now()));
    }

    @Override
    public List<PoolStatus> pools() {
        var pools = new ArrayList<PoolStatus>();
        for (Shard shard : topology().shards().values()) {
            pools.add(pool(shard));
        }
        pools.sort(Comparator.comparing(PoolStatus::node));
        return pools;
    }

    private PoolStatus pool(Shard shard) {
        int open = 0;
        int idle = 0;
        int waiters = 0;
        Optional<String> trouble = Optional.empty();
        for (LoopContext loop : proxy.loops()) {
            NodePool pool = loop.primaries().get(shard.id());
            if (pool != null) {
                NodePool.PoolFigures figures = pool.figures();
                open += figures.open();
                idle += figures.idle();
                waiters += figures.waiters();
                trouble = trouble.or(figures::trouble);
            }
        }
        boolean fenced =
                trouble.map(text -> text.startsWith(ErrorCode.PROXY_FENCED.id())).orElse(false);
        return new PoolStatus(
                shard.primary().name(),
                NodeRole.PRIMARY,
                shard.id(),
                "",
                open,
                idle,
                open - idle,
                waiters,
                proxy.backends().limitOf(shard.primary()).connectionsMax(),
                fenced,
                trouble);
    }

    @Override
    public int sessionCount() {
        return proxy.registry().size();
    }

    @Override
    public List<SessionStatus> sessions() {
        return proxy.server().figures().stream().map(RunningStatus::session).toList();
    }

    private static SessionStatus session(SessionFigures figures) {
        return new SessionStatus(
                figures.id(),
                figures.user(),
                figures.host(),
                some(figures.keyspace()),
                figures.command(),
                figures.seconds(),
                figures.state(),
                some(figures.info()),
                some(figures.held()),
                figures.shards());
    }

    private static Optional<String> some(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    @Override
    public List<ProxyPeer> proxies() {
        return proxy.zookeeper().proxyRegistry().proxies().stream()
                .map(peer ->
                        new ProxyPeer(
                                peer.number(),
                                peer.info().name(),
                                peer.info().host() + ":" + peer.info().port(),
                                peer.info().version(),
                                peer.life().name().toLowerCase(Locale.ROOT),
                                peer.announced(),
                                peer.number() == proxy.number()))
                .toList();
    }

    @Override
    public List<SequenceStatus> sequences() {
        return proxy.sequences().rows().stream()
                .map(row ->
                        new SequenceStatus(
                                row.name().keyspace(),
                                row.name().table(),
                                row.next(),
                                row.blocks().stream().map(RunningStatus::block).toList(),
                                row.advanced()))
                .toList();
    }

    private static String block(HeldBlock block) {
        return "proxy %d: %d to %d".formatted(block.proxy(), block.first(), block.end() - 1);
    }
}
