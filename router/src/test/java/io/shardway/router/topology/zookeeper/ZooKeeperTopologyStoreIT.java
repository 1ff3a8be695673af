package io.shardway.router.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.KeeperException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperTopologyStoreIT {

    @TempDir Path directory;
    private TestZooKeeper zookeeper;
    private ZooKeeperClient client;
    private TopologyStore store;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        client = zookeeper.connect();
        store = client.topologyStore();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void readsBackWhatWasCreated() {
        assertThat(store.isInitialized()).isFalse();
        refuses(ErrorCode.TOPOLOGY_MISSING, store::read);

        Topology created = store.create(Topologies.first());

        assertThat(created.epoch()).isEqualTo(new Epoch(1));
        assertThat(store.isInitialized()).isTrue();
        assertThat(store.read()).isEqualTo(created);
        assertThat(created.bucketMap()).isEqualTo(Topologies.first().bucketMap());
        assertThat(created.keyspaces().keySet()).containsExactlyInAnyOrder("store", "wiki.ü");
    }

    @Test
    void refusesToCreateASecondTopology() {
        store.create(Topologies.first());
        refuses(ErrorCode.TOPOLOGY_EXISTS, () -> store.create(Topologies.first()));
    }

    @Test
    void refusesToUpdateWhatWasNeverCreated() {
        refuses(ErrorCode.TOPOLOGY_MISSING, () -> store.update(topology -> topology));
    }

    @Test
    void givesEveryUpdateTheNextEpoch() {
        store.create(Topologies.first());
        assertThat(store.update(topology -> topology).epoch()).isEqualTo(new Epoch(2));
        assertThat(store.update(topology -> topology).epoch()).isEqualTo(new Epoch(3));
    }

    @Test
    void stampsOnlyChangedKeyspacesWithANewSchemaEpoch() {
        store.create(Topologies.first());
        Topology changed =
                store.update(topology -> Topologies.with(topology, Topologies.store(Map.of())));
        assertThat(changed.keyspaces().get("store").schemaEpoch()).isEqualTo(new SchemaEpoch(2));
        assertThat(changed.keyspaces().get("wiki.ü").schemaEpoch()).isEqualTo(new SchemaEpoch(1));
    }

    @Test
    void neverRepeatsASchemaEpochWhenAKeyspaceIsMadeAgain() {
        store.create(Topologies.first());
        store.update(topology -> Topologies.without(topology, "store"));
        assertThat(store.read().keyspaces()).doesNotContainKey("store");
        Topology again =
                store.update(topology -> Topologies.with(topology, Topologies.store(Map.of())));
        assertThat(again.keyspaces().get("store").schemaEpoch()).isEqualTo(new SchemaEpoch(3));
        assertThat(store.read()).isEqualTo(again);
    }

    @Test
    void keepsARaggedBucketMap() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var owners =
                random.ints(1024, 0, 2)
                        .mapToObj(each -> each == 0 ? Topologies.S1 : Topologies.S2)
                        .toList();
        Topology first = Topologies.first();
        store.create(
                new Topology(
                        first.epoch(),
                        first.shards(),
                        first.defaultShard(),
                        BucketMap.of(owners),
                        first.keyspaces()));
        assertThat(store.read().bucketMap().owners()).as("seed %d", seed).isEqualTo(owners);
    }

    @Test
    void losesNoUpdateOfTwoClientsAtOnce() throws Exception {
        store.create(Topologies.first());
        TopologyStore other = zookeeper.connect().topologyStore();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> one = executor.submit(() -> addKeyspaces(store, "a", 30));
            Future<?> two = executor.submit(() -> addKeyspaces(other, "b", 30));
            one.get();
            two.get();
        }
        Topology last = store.read();
        assertThat(last.epoch()).isEqualTo(new Epoch(61));
        assertThat(last.keyspaces()).hasSize(62);
    }

    @Test
    void readsOneMomentEvenUnderConstantUpdates() throws Exception {
        store.create(Topologies.first());
        store.update(topology -> twins(topology, 0));
        TopologyStore other = zookeeper.connect().topologyStore();
        var stopped = new AtomicBoolean();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writer =
                    executor.submit(() -> {
                        for (int i = 1; !stopped.get(); i++) {
                            int number = i;
                            other.update(topology -> twins(topology, number));
                        }
                    });
            for (int i = 0; i < 200; i++) {
                Topology seen = store.read();
                assertThat(seen.keyspaces().get("left").tables())
                        .isEqualTo(seen.keyspaces().get("right").tables());
            }
            stopped.set(true);
            writer.get();
        }
    }

    @Test
    void endsTheUpdateWithTheExceptionOfTheChange() {
        store.create(Topologies.first());
        assertThatThrownBy(() ->
                        store.update(_ -> {
                            throw new ShardwayException(ErrorCode.UNKNOWN_KEYSPACE, "x");
                        }))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_KEYSPACE));
        assertThat(store.read().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void refusesAnotherFormatVersion() throws Exception {
        store.create(Topologies.first());
        client.curator().setData().forPath("/test/shardway/format", bytes("2"));
        refuses(ErrorCode.TOPOLOGY_FORMAT, store::read);
        refuses(ErrorCode.TOPOLOGY_FORMAT, store::isInitialized);
        refuses(ErrorCode.TOPOLOGY_FORMAT, () -> store.update(topology -> topology));
        refuses(ErrorCode.TOPOLOGY_FORMAT, () -> store.create(Topologies.first()));
    }

    @Test
    void refusesUnknownFieldsAndGarbage() throws Exception {
        store.create(Topologies.first());
        String path = "/test/shardway/topology";
        String json = new String(client.curator().getData().forPath(path), StandardCharsets.UTF_8);
        for (String bad :
                List.of(
                        json.replaceFirst("\\{", "{\"fences\":[],"),
                        json.replace("\"to\":511", "\"to\":510"),
                        json.replace("\"defaultShard\":\"s1\"", "\"defaultShard\":\"s9\""),
                        json.replace("\"defaultShard\":\"s1\",", ""),
                        "")) {
            client.curator().setData().forPath(path, bytes(bad));
            refuses(ErrorCode.TOPOLOGY_FORMAT, store::read);
        }
        client.curator().setData().forPath(path, bytes(json));
        assertThat(store.read().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void refusesAKeyspaceWithoutItsNode() throws Exception {
        store.create(Topologies.first());
        client.curator().delete().forPath("/test/shardway/keyspaces/store");
        refuses(ErrorCode.TOPOLOGY_FORMAT, zookeeper.connect().topologyStore()::read);
    }

    @Test
    void keepsThousandsOfTables() {
        store.create(Topologies.first());
        Topology stored = store.update(topology -> withTables(topology, 20_000, 0));
        assertThat(store.read()).isEqualTo(stored);
    }

    @Test
    void refusesWhatDoesNotFitIntoOneTransaction() {
        store.create(Topologies.first());
        refuses(
                ErrorCode.TOPOLOGY_TOO_LARGE,
                () -> store.update(topology -> withTables(topology, 20_000, 80)));
        assertThat(store.read().epoch()).isEqualTo(new Epoch(1));
        assertThat(store.update(topology -> topology).epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void findsOutThatAChangeHappenedAlthoughItsAnswerWasLost() throws Exception {
        store.create(Topologies.first());
        try (var link = new LossyLink(zookeeper.port())) {
            var distant = zookeeper.connect(TestZooKeeper.settings(link.port(), Optional.empty()));
            for (int i = 0; i < 3; i++) {
                Epoch before = store.read().epoch();
                link.loseTheNextTransactionsAnswer();
                String name = "lost" + i;
                Topology changed =
                        distant.topologyStore()
                                .update(topology ->
                                        Topologies.with(topology, Topologies.keyspace(name)));
                assertThat(link.hasLostAnAnswer()).isTrue();
                assertThat(changed.epoch()).isEqualTo(before.next());
                assertThat(store.read()).isEqualTo(changed);
            }
        }
    }

    @Test
    void saysUnknownWhenNobodyCanTellWhatBecameOfAChange() throws Exception {
        store.create(Topologies.first());
        try (var link = new LossyLink(zookeeper.port())) {
            var distant = zookeeper.connect(TestZooKeeper.settings(link.port(), Optional.empty()));
            link.loseTheNextTransactionsAnswerAndStayDown();
            refuses(
                    ErrorCode.TOPOLOGY_CHANGE_UNKNOWN,
                    () -> distant.topologyStore().update(topology -> topology));
        }
        assertThat(store.read().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void letsNobodyInWithoutTheCredentials() throws Exception {
        var owner = connectAs("shardway", "secret");
        owner.topologyStore().create(Topologies.first());
        for (var stranger : List.of(zookeeper.connect(), connectAs("shardway", "guess"))) {
            refuses(ErrorCode.TOPOLOGY_ACCESS_DENIED, stranger.topologyStore()::read);
            refuses(
                    ErrorCode.TOPOLOGY_ACCESS_DENIED,
                    () -> stranger.topologyStore().create(Topologies.first()));
            for (String node : List.of("", "/format", "/topology", "/keyspaces", "/proxies")) {
                assertThatThrownBy(() ->
                                stranger.curator()
                                        .setData()
                                        .forPath("/test/shardway" + node, bytes("x")))
                        .isInstanceOf(KeeperException.NoAuthException.class);
            }
        }
        var friend = connectAs("shardway", "secret");
        assertThat(friend.topologyStore().update(topology -> topology).epoch())
                .isEqualTo(new Epoch(2));
    }

    private ZooKeeperClient connectAs(String user, String password) {
        var credentials = Optional.of(new ZooKeeperCredentials(user, password));
        return zookeeper.connect(TestZooKeeper.settings(zookeeper.port(), credentials));
    }

    private static void addKeyspaces(TopologyStore store, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            var keyspace = Topologies.keyspace(prefix + i);
            store.update(topology -> Topologies.with(topology, keyspace));
        }
    }

    private static Topology twins(Topology topology, int number) {
        var tables =
                Map.of(
                        "t" + number,
                        new TableEntry("t" + number, TableKind.SINGLE, Optional.empty()));
        Topology changed = topology;
        for (String name : List.of("left", "right")) {
            changed =
                    Topologies.with(
                            changed,
                            new Keyspace(name, Optional.of("id"), 64, new SchemaEpoch(0), tables));
        }
        return changed;
    }

    /** Random letters cannot be compressed well. */
    private static Topology withTables(Topology topology, int count, int randomLetters) {
        var tables = new HashMap<String, TableEntry>();
        for (int i = 0; i < count; i++) {
            var name = new StringBuilder("table_with_a_name_" + i);
            ThreadLocalRandom.current()
                    .ints(randomLetters, 'a', 'z' + 1)
                    .forEach(letter -> name.append((char) letter));
            tables.put(
                    name.toString(),
                    new TableEntry(name.toString(), TableKind.SHARDED, Optional.of("user_id")));
        }
        return Topologies.with(topology, Topologies.store(tables));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refuses(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ShardwayException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
