package io.shardway.router.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.topology.KillMailbox;
import io.shardway.router.topology.KillOutcome;
import io.shardway.router.topology.KillRequest;
import io.shardway.router.topology.ProxyRegistration;
import io.shardway.router.topology.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillMailboxIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final KillRequest REQUEST = new KillRequest(42, true, "app", false);

    @TempDir Path directory;
    private TestZooKeeper zookeeper;
    private ZooKeeperClient client;
    private ProxyRegistration target;
    private KillMailbox sender;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        client = zookeeper.connect();
        target = client.proxyRegistry().register(ProxyRegistryIT.proxy("target"));
        sender = zookeeper.connect().killMailbox();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void bringsTheRequestThereAndTheOutcomeBack() throws Exception {
        var requests = new CopyOnWriteArrayList<KillRequest>();
        try (Watch _ =
                client.killMailbox()
                        .receive(
                                target,
                                request -> {
                                    requests.add(request);
                                    return request.connectionId() == 42
                                            ? KillOutcome.DELIVERED
                                            : KillOutcome.UNKNOWN_SESSION;
                                })) {
            assertThat(sender.send(1, REQUEST, TIMEOUT)).isEqualTo(KillOutcome.DELIVERED);
            assertThat(sender.send(1, new KillRequest(7, false, "x", true), TIMEOUT))
                    .isEqualTo(KillOutcome.UNKNOWN_SESSION);
        }
        assertThat(requests).containsExactly(REQUEST, new KillRequest(7, false, "x", true));
        assertThat(inbox()).isEmpty();
    }

    @Test
    void carriesManyRequestsAtOnceAndHandlesEachOnce() throws Exception {
        var handled = new CopyOnWriteArrayList<Long>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                Watch _ =
                        client.killMailbox()
                                .receive(
                                        target,
                                        request -> {
                                            handled.add(request.connectionId());
                                            return KillOutcome.DELIVERED;
                                        })) {
            List<Future<KillOutcome>> outcomes =
                    IntStream.range(0, 40)
                            .mapToObj(id -> new KillRequest(id, true, "app", false))
                            .map(request -> executor.submit(() -> sender.send(1, request, TIMEOUT)))
                            .toList();
            for (var outcome : outcomes) {
                assertThat(outcome.get()).isEqualTo(KillOutcome.DELIVERED);
            }
        }
        assertThat(handled).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void givesUpWhenNobodyListens() throws Exception {
        assertThat(sender.send(1, REQUEST, Duration.ofMillis(50)))
                .isEqualTo(KillOutcome.UNREACHABLE);
        assertThat(inbox()).isEmpty();
    }

    @Test
    void knowsNoSessionOfAProxyThatNeverWas() {
        assertThat(sender.send(9, REQUEST, TIMEOUT)).isEqualTo(KillOutcome.UNKNOWN_SESSION);
    }

    @Test
    void isUnreachableWithoutWaitingWhenTheProxyIsAway() {
        target.unregister();
        assertThat(sender.send(1, REQUEST, TIMEOUT)).isEqualTo(KillOutcome.UNREACHABLE);
    }

    @Test
    void isUnreachableWhenTheHandlerThrows() {
        try (Watch _ =
                client.killMailbox()
                        .receive(
                                target,
                                _ -> {
                                    throw new IllegalStateException("on purpose");
                                })) {
            assertThat(sender.send(1, REQUEST, TIMEOUT)).isEqualTo(KillOutcome.UNREACHABLE);
        }
    }

    @Test
    void killsNobodyForARequestThatWasMeantForThePredecessor() throws Exception {
        var nodes = new Nodes(client.curator(), Duration.ofSeconds(5));
        String path = new Paths("/test/shardway").inbox(1) + "/old";
        nodes.commit(
                List.of(nodes.create(path, Json.write(KillDocument.of("predecessor", REQUEST)))));
        var requests = new CopyOnWriteArrayList<KillRequest>();
        try (Watch _ =
                client.killMailbox()
                        .receive(
                                target,
                                request -> {
                                    requests.add(request);
                                    return KillOutcome.DELIVERED;
                                })) {
            TestZooKeeper.await("it is answered", () -> versionOf(nodes, path) > 0);
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void takesNoMoreThanTheInboxHolds() throws Exception {
        for (int i = 0; i < ZooKeeperKillMailbox.INBOX_MAX; i++) {
            client.curator().create().forPath("/test/shardway/proxies/1/inbox/" + i);
        }
        assertThat(sender.send(1, REQUEST, TIMEOUT)).isEqualTo(KillOutcome.UNREACHABLE);
        client.curator().delete().forPath("/test/shardway/proxies/1/inbox/0");
        assertThat(sender.send(1, REQUEST, Duration.ofMillis(1)))
                .isEqualTo(KillOutcome.UNREACHABLE);
    }

    private static int versionOf(Nodes nodes, String path) {
        return Nodes.call(() -> nodes.stat(path).orElseThrow().getVersion());
    }

    private List<String> inbox() throws Exception {
        return client.curator().getChildren().forPath("/test/shardway/proxies/1/inbox");
    }
}
