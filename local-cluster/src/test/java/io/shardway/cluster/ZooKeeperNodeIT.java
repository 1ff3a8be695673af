package io.shardway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperNodeIT {

    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir Path directory;

    @Test
    void aSessionOutlivesAStopAndAStart() throws Exception {
        try (var node = ZooKeeperNode.start(directory, 0)) {
            int port = node.port();
            var client = new ZooKeeper(node.connectString(), 20_000, event -> {});
            try {
                awaitState(client, ZooKeeper.States.CONNECTED);
                client.create(
                        "/alive", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
                long session = client.getSessionId();
                node.stop();
                awaitState(client, ZooKeeper.States.CONNECTING);
                node.start();
                assertThat(node.port()).isEqualTo(port);
                awaitState(client, ZooKeeper.States.CONNECTED);
                assertThat(client.getSessionId()).isEqualTo(session);
                assertThat(client.exists("/alive", false)).isNotNull();
            } finally {
                client.close();
            }
        }
    }

    @Test
    void theSharedClusterGivesEachTestARootOfItsOwn() throws Exception {
        String first = TestCluster.freshZooKeeperRoot();
        assertThat(TestCluster.freshZooKeeperRoot()).isNotEqualTo(first);
        var client = new ZooKeeper(first, 20_000, event -> {});
        try {
            awaitState(client, ZooKeeper.States.CONNECTED);
            assertThat(client.getChildren("/", false)).isEmpty();
        } finally {
            client.close();
        }
    }

    private static void awaitState(ZooKeeper client, ZooKeeper.States wanted) {
        Waiting.until("the client to be " + wanted, BOUND, () -> client.getState() == wanted);
    }
}
