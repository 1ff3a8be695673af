package io.shardway.router.topology.zookeeper;

import static io.shardway.router.topology.zookeeper.TestZooKeeper.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import io.shardway.router.topology.Watch;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopologyWatchIT {

    @TempDir Path directory;
    private final List<Topology> seen = new CopyOnWriteArrayList<>();
    private TestZooKeeper zookeeper;
    private ZooKeeperClient client;
    private TopologyStore store;
    private TopologyStore other;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        client = zookeeper.connect();
        store = client.topologyStore();
        other = zookeeper.connect().topologyStore();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void handsOverTheTopologyThatIsThereAndEveryLastOne() throws Exception {
        other.create(Topologies.first());
        try (Watch _ = store.watch(seen::add)) {
            await("the first is seen", () -> lastEpoch() == 1);
            for (int i = 0; i < 50; i++) {
                other.update(topology -> topology);
            }
            await("the last is seen", () -> lastEpoch() == 51);
        }
        assertThat(seen).extracting(topology -> topology.epoch().number()).isSorted();
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen.getLast()).isEqualTo(other.read());
    }

    @Test
    void hearsOfATopologyThatIsCreatedLater() throws Exception {
        try (Watch _ = store.watch(seen::add)) {
            other.create(Topologies.first());
            await("it is seen", () -> lastEpoch() == 1);
        }
    }

    @Test
    void neverGoesBackwards() throws Exception {
        other.create(Topologies.first());
        byte[] old = client.curator().getData().forPath("/test/shardway/topology");
        other.update(topology -> topology);
        try (Watch _ = store.watch(seen::add)) {
            await("the second is seen", () -> lastEpoch() == 2);
            client.curator().setData().forPath("/test/shardway/topology", old);
            other.update(topology -> topology); // Epoch 2 again: not newer.
            other.update(topology -> topology);
            await("the third is seen", () -> lastEpoch() == 3);
        }
        assertThat(seen).extracting(topology -> topology.epoch().number()).containsExactly(2L, 3L);
    }

    @Test
    void isSilentOnceClosed() throws Exception {
        other.create(Topologies.first());
        Watch watch = store.watch(seen::add);
        await("the first is seen", () -> lastEpoch() == 1);
        watch.close();
        var fresh = new CopyOnWriteArrayList<Topology>();
        try (Watch _ = store.watch(fresh::add)) {
            other.update(topology -> topology);
            await("the open watch sees it", () -> lastEpoch(fresh) == 2);
        }
        assertThat(lastEpoch()).isEqualTo(1);
    }

    @Test
    void offersATopologyAgainThatTheListenerThrewAt() throws Exception {
        other.create(Topologies.first());
        var thrown = new AtomicBoolean();
        try (Watch _ =
                store.watch(topology -> {
                    if (thrown.compareAndSet(false, true)) {
                        throw new IllegalStateException("on purpose");
                    }
                    seen.add(topology);
                })) {
            await("it is offered again", () -> lastEpoch() == 1);
        }
    }

    @Test
    void outlivesAnExpiredSession() throws Exception {
        other.create(Topologies.first());
        try (Watch _ = store.watch(seen::add)) {
            await("the first is seen", () -> lastEpoch() == 1);
            zookeeper.expire(client);
            other.update(topology -> topology);
            await("the second is seen", () -> lastEpoch() == 2);
        }
    }

    @Test
    void tellsOfALostStoreAndCatchesUpWhenItIsBack() throws Exception {
        other.create(Topologies.first());
        var connections = new CopyOnWriteArrayList<Boolean>();
        try (Watch _ = store.watch(seen::add);
                Watch _ = store.watchConnection(connections::add)) {
            await("the first is seen", () -> lastEpoch() == 1);
            assertThat(store.health().connected()).isTrue();

            zookeeper.stop();
            await("the loss is seen", () -> !store.health().connected());
            await("the loss is told", () -> connections.equals(List.of(false)));
            var lastContact = store.health().lastContact();
            assertThatThrownBy(store::read)
                    .isInstanceOfSatisfying(
                            ShardwayException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.TOPOLOGY_UNAVAILABLE));
            assertThat(store.health().lastContact()).isEqualTo(lastContact);
            assertThat(store.health().problem()).isPresent();

            zookeeper.start();
            await("the return is told", () -> connections.getLast());
            other.update(topology -> topology);
            await("the second is seen", () -> lastEpoch() == 2);
            assertThat(store.health().lastContact()).isAfter(lastContact);
            assertThat(store.health().problem()).isEmpty();
        }
    }

    private long lastEpoch() {
        return lastEpoch(seen);
    }

    private static long lastEpoch(List<Topology> seen) {
        return seen.isEmpty() ? 0 : seen.getLast().epoch().number();
    }
}
