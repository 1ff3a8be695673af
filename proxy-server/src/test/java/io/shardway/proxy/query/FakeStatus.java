package io.shardway.proxy.query;

import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.NodeRole;
import io.shardway.router.topology.Shard;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A proxy's status as a test wants it. Thread-safe: fields are volatile. */
public final class FakeStatus implements ProxyStatus {

    private static final ShardId S1 = new ShardId("s1");
    private static final ShardId S2 = new ShardId("s2");

    public volatile ProxyStage stage = ProxyStage.SERVING;
    public volatile boolean connected = true;
    public volatile Optional<String> lastErrorOfS2 = Optional.empty();
    public volatile boolean s2Fenced = false;

    @Override
    public ProxyStage stage() {
        return stage;
    }

    @Override
    public Topology topology() {
        var store =
                new Keyspace(
                        "store",
                        Optional.of("user_id"),
                        64,
                        new SchemaEpoch(1),
                        Map.of(
                                "users",
                                new TableEntry("users", TableKind.SHARDED, Optional.of("user_id")),
                                "countries",
                                new TableEntry(
                                        "countries", TableKind.REFERENCE, Optional.empty())));
        var plain = new Keyspace("blog", Optional.empty(), 1, new SchemaEpoch(1), Map.of());
        return new Topology(
                new Epoch(7),
                Map.of(S1, shard(S1, 1), S2, shard(S2, 2)),
                S1,
                BucketMap.even(List.of(S1, S2)),
                Map.of("store", store, "blog", plain));
    }

    private static Shard shard(ShardId id, int offset) {
        return new Shard(
                id,
                offset,
                List.of(
                        new Node(id + "-a", NodeRole.PRIMARY, "127.0.0.1", 4000 + offset),
                        new Node(id + "-b", NodeRole.REPLICA, "127.0.0.1", 5000 + offset)));
    }

    @Override
    public Optional<String> whyUnusable(String keyspace, String table) {
        return table.equals("countries") ? Optional.of("it is not there") : Optional.empty();
    }

    @Override
    public TopologyStatus topologyStatus() {
        return new TopologyStatus(
                new Epoch(7), connected, connected ? Duration.ZERO : Duration.ofSeconds(90));
    }

    @Override
    public List<PoolStatus> pools() {
        return List.of(
                pool("s1-a", S1, false, Optional.empty()),
                pool("s2-a", S2, s2Fenced, lastErrorOfS2));
    }

    private static PoolStatus pool(
            String node, ShardId shard, boolean fenced, Optional<String> error) {
        return new PoolStatus(node, NodeRole.PRIMARY, shard, "", 5, 3, 2, 1, 20, fenced, error);
    }

    @Override
    public int sessionCount() {
        return 1;
    }

    @Override
    public List<SessionStatus> sessions() {
        return List.of(
                new SessionStatus(
                        17,
                        "app",
                        "10.0.0.9:51000",
                        Optional.of("store"),
                        "Sleep",
                        4,
                        "",
                        Optional.empty(),
                        Optional.of("GET_LOCK"),
                        List.of(S1)));
    }

    @Override
    public List<ProxyPeer> proxies() {
        return List.of(
                new ProxyPeer(1, "left", "h1:3307", "0.1.0", "alive", new Epoch(7), true),
                new ProxyPeer(2, "right", "h2:3307", "0.1.0", "lost", new Epoch(6), false));
    }

    @Override
    public List<SequenceStatus> sequences() {
        return List.of(
                new SequenceStatus(
                        "store", "users", 6464, List.of("proxy 1: 64 to 6400"), "2026-01-02"));
    }
}
