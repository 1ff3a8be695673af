package io.shardway.router.topology.zookeeper;

import static io.shardway.router.topology.zookeeper.TestZooKeeper.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.topology.ProxyInfo;
import io.shardway.router.topology.ProxyLife;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyRegistryIT {

    private static final Epoch FIVE = new Epoch(5);

    @TempDir Path directory;
    private TestZooKeeper zookeeper;
    private ZooKeeperClient client;
    private ProxyRegistry registry;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        client = zookeeper.connect();
        registry = client.proxyRegistry();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void givesEveryNameItsNumberAndKeepsItOverARestart() {
        ProxyRegistration a = registry.register(proxy("a"));
        ProxyRegistration b = registry.register(proxy("b"));
        assertThat(List.of(a.number(), b.number())).containsExactly(1, 2);
        a.announce(FIVE);
        assertThat(state(1).announced()).isEqualTo(FIVE);

        a.unregister();
        assertThat(state(1).life()).isEqualTo(ProxyLife.STOPPED);
        assertThat(registry.register(proxy("c")).number()).isEqualTo(3);
        ProxyRegistration again = registry.register(proxy("a"));
        assertThat(again.number()).isEqualTo(1);
        assertThat(state(1)).isEqualTo(new ProxyState(1, proxy("a"), ProxyLife.ALIVE, Epoch.NONE));
    }

    @Test
    void givesDifferentNumbersToManyAtOnce() throws Exception {
        var numbers = new ArrayList<Integer>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var registrations = new ArrayList<Future<ProxyRegistration>>();
            for (int i = 0; i < 8; i++) {
                String name = "p" + i;
                var own = zookeeper.connect().proxyRegistry();
                registrations.add(executor.submit(() -> own.register(proxy(name))));
            }
            for (var registration : registrations) {
                numbers.add(registration.get().number());
            }
        }
        assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void refusesANameThatIsAlive() {
        registry.register(proxy("a"));
        assertThatThrownBy(() -> zookeeper.connect().proxyRegistry().register(proxy("a")))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.PROXY_NAME_TAKEN));
    }

    @Test
    void waitsUntilACrashedPredecessorIsGone() throws Exception {
        var crashed = zookeeper.connect();
        var old = crashed.proxyRegistry().register(proxy("a"));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ProxyRegistration> next = executor.submit(() -> registry.register(proxy("a")));
            old.close();
            zookeeper.expire(crashed);
            assertThat(next.get().number()).isEqualTo(1);
        }
    }

    @Test
    void isAliveAgainAfterItsSessionExpired() throws Exception {
        ProxyRegistration a = registry.register(proxy("a"));
        a.announce(FIVE);
        zookeeper.expire(client);
        await("it is alive again", () -> ownSessionIsAlive(1));
        assertThat(state(1)).isEqualTo(new ProxyState(1, proxy("a"), ProxyLife.ALIVE, FIVE));
        a.announce(new Epoch(6));
        assertThat(state(1).announced()).isEqualTo(new Epoch(6));
    }

    @Test
    void announcesLaterWhatItCouldNotAnnounceWhileZooKeeperWasAway() throws Exception {
        ProxyRegistration a = registry.register(proxy("a"));
        zookeeper.stop();
        assertThatThrownBy(() -> a.announce(FIVE)).isInstanceOf(ShardwayException.class);
        zookeeper.start();
        var other = zookeeper.connect().proxyRegistry();
        await("it is announced", () -> other.proxies().getFirst().announced().equals(FIVE));
        assertThat(other.awaitAnnounced(FIVE, inSeconds(30))).isEmpty();
    }

    @Test
    void tellsAProxyThatItWasSuperseded() throws Exception {
        var sleeper = zookeeper.connect();
        ProxyRegistration old = sleeper.proxyRegistry().register(proxy("a"));
        // As if the process had been stopped for so long that its session ended.
        sleeper.curator().delete().forPath("/test/shardway/proxies/1/alive");
        var next = takeOver();
        await("it is told", () -> old.superseded().toCompletableFuture().isDone());
        assertThatThrownBy(() -> old.announce(new Epoch(99))).isInstanceOf(ShardwayException.class);
        old.unregister();
        assertThat(state(1).announced()).isEqualTo(Epoch.NONE);
        assertThat(state(1).alive()).isTrue();
        assertThat(next.superseded().toCompletableFuture()).isNotDone();
    }

    @Test
    void waitsForLivingProxiesAndNamesThoseThatDidNotAnnounce() throws Exception {
        ProxyRegistration fast = registry.register(proxy("fast"));
        ProxyRegistration slow = registry.register(proxy("slow"));
        registry.register(proxy("stopped")).unregister();
        var crashed = zookeeper.connect();
        crashed.proxyRegistry().register(proxy("lost")).close();
        crashed.close();
        fast.announce(FIVE);

        assertThat(registry.awaitAnnounced(FIVE, inSeconds(0)))
                .extracting(state -> state.info().name())
                .containsExactly("slow", "lost");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var late = executor.submit(() -> registry.awaitAnnounced(FIVE, inSeconds(30)));
            slow.announce(new Epoch(6));
            assertThat(late.get())
                    .extracting(state -> state.info().name() + " " + state.life())
                    .containsExactly("lost LOST");
        }
        registry.forget(state("lost").number());
        assertThat(registry.awaitAnnounced(FIVE, inSeconds(30))).isEmpty();
        assertThatThrownBy(() -> registry.forget(1)).isInstanceOf(ShardwayException.class);
    }

    @Test
    void reusesAStoppedProxysNumberOnlyWhenNoneIsFree() throws Exception {
        registry.register(proxy("first")).unregister();
        var nodes = new Nodes(client.curator(), Duration.ofSeconds(5));
        var paths = new Paths("/test/shardway");
        for (int number = 2; number <= ProxyRegistry.NUMBER_MAX; number++) {
            var document = ProxyDocument.of(proxy("p" + number), number == 700);
            nodes.commit(
                    List.of(
                            nodes.create(paths.proxy(number), Json.write(document)),
                            nodes.create(paths.announced(number), new byte[] {'0'}),
                            nodes.create(paths.inbox(number), new byte[0])));
        }
        assertThat(registry.register(proxy("new")).number()).isEqualTo(1);
        assertThat(registry.register(proxy("newer")).number()).isEqualTo(700);
        assertThatThrownBy(() -> registry.register(proxy("newest")))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_PROXIES));
    }

    /** Tries until the moment between death and revival is met. */
    private ProxyRegistration takeOver() throws Exception {
        var other = zookeeper.connect();
        var nodes = new Nodes(other.curator(), Duration.ofSeconds(5));
        var paths = new Paths("/test/shardway");
        var claims = new ProxyClaims(nodes, paths, new ProxyNodes(nodes, paths), proxy("a"));
        while (true) {
            var claim = claims.attempt();
            if (claim.isPresent()) {
                return ZooKeeperProxyRegistration.start(
                        nodes, paths, claim.get(), Duration.ofMillis(500));
            }
            other.curator().delete().quietly().forPath("/test/shardway/proxies/1/alive");
        }
    }

    private boolean ownSessionIsAlive(int number) {
        return Nodes.call(() -> {
            var stat =
                    client.curator()
                            .checkExists()
                            .forPath("/test/shardway/proxies/" + number + "/alive");
            long session = client.curator().getZookeeperClient().getZooKeeper().getSessionId();
            return stat != null && stat.getEphemeralOwner() == session;
        });
    }

    private ProxyState state(int number) {
        return registry.proxies().stream()
                .filter(state -> state.number() == number)
                .findFirst()
                .orElseThrow();
    }

    private ProxyState state(String name) {
        return registry.proxies().stream()
                .filter(state -> state.info().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static ProxyInfo proxy(String name) {
        var started = Instant.parse("2026-01-02T03:04:05Z");
        return new ProxyInfo(name, "127.0.0.1", 3307, "shardway_" + name, started, "0.1.0");
    }

    private static Deadline inSeconds(int seconds) {
        return Deadline.after(Duration.ofSeconds(seconds));
    }
}
