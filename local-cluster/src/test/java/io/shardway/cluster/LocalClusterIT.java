package io.shardway.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterIT {

    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir Path directory;

    @AfterEach
    void clean() {
        TestCluster.clean();
    }

    @Test
    void whatThePrimaryWritesReachesItsReplica() throws SQLException {
        LocalCluster cluster = TestCluster.shared();
        String database = TestCluster.freshDatabase();
        cluster.primary(1)
                .execute(
                        "CREATE TABLE %s.users (id INT PRIMARY KEY)".formatted(database),
                        "INSERT INTO %s.users VALUES (7)".formatted(database));
        MySqlNode replica = cluster.replica(1, 1);
        replica.awaitGtids(cluster.primary(1).gtidExecuted(), BOUND);
        assertThat(replica.queryValue("SELECT id FROM %s.users".formatted(database))).contains("7");
        assertThat(cluster.primary(2).queryValue("SHOW TABLES FROM " + database)).isEmpty();
    }

    @Test
    void replicasAreReadOnlyEvenAfterARestart() throws SQLException {
        MySqlNode replica = TestCluster.shared().replica(2, 1);
        replica.restart();
        assertThatThrownBy(() -> replica.execute("CREATE DATABASE refused"))
                .hasMessageContaining("super-read-only");
        TestCluster.shared().awaitReplication(BOUND);
    }

    @Test
    void nodesAreAsTheRestOfShardwayNeedsThem() throws SQLException {
        for (MySqlNode node : TestCluster.shared().nodes()) {
            assertThat(node.queryValue("SELECT @@gtid_mode")).contains("ON");
            assertThat(node.queryValue("SELECT @@binlog_row_metadata")).contains("FULL");
            assertThat(node.queryValue("SELECT @@session_track_gtids")).contains("OFF");
            assertThat(node.queryValue("SELECT @@performance_schema")).contains("0");
            assertThat(node.queryValue("SELECT @@bind_address")).contains("127.0.0.1");
        }
        assertThat(TestCluster.shared().nodes())
                .extracting(MySqlNode::serverId)
                .doesNotHaveDuplicates();
    }

    @Test
    void cleaningLeavesNothingATestHasMade() throws SQLException {
        String database = TestCluster.freshDatabase();
        MySqlNode primary = TestCluster.shared().primary(2);
        primary.execute("CREATE USER 'odd''name'@'%'");
        TestCluster.clean();
        MySqlNode replica = TestCluster.shared().replica(2, 1);
        assertThat(replica.queryValue("SHOW DATABASES LIKE '%s'".formatted(database))).isEmpty();
        assertThat(replica.queryValue("SELECT 1 FROM mysql.user WHERE user LIKE 'odd%'")).isEmpty();
    }

    /** One story, as each start takes seconds. */
    @Test
    void aKeptDirectoryRestartsWithItsData() throws Exception {
        int primaryPort;
        try (var cluster = keptCluster().shards(1).replicas(1).start()) {
            primaryPort = cluster.primary(1).port();
            cluster.primary(1).execute("CREATE DATABASE kept");
            refusesASecondClusterInTheSameDirectory();
        }
        assertThat(Ports.isFree(primaryPort)).isTrue();
        refusesWhatContradictsTheDirectory();
        try (var cluster = keptCluster().start()) {
            assertThat(cluster.shardCount()).isEqualTo(1);
            assertThat(cluster.primary(1).port()).isEqualTo(primaryPort);
            cluster.awaitReplication(BOUND);
            assertThat(cluster.replica(1, 1).queryValue("SHOW DATABASES LIKE 'kept'"))
                    .contains("kept");
        }
        try (var other = new ServerSocket(primaryPort, 1, InetAddress.ofLiteral("127.0.0.1"));
                var cluster = keptCluster().start()) {
            assertThat(cluster.primary(1).port()).isNotEqualTo(other.getLocalPort());
            cluster.primary(1).execute("CREATE DATABASE later");
            cluster.awaitReplication(BOUND);
        }
    }

    private void refusesASecondClusterInTheSameDirectory() {
        assertThatThrownBy(() -> keptCluster().start())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("Another Shardway cluster runs in");
    }

    private void refusesWhatContradictsTheDirectory() {
        assertThatThrownBy(() -> keptCluster().shards(3).start())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("has 1 shards, not 3");
        assertThatThrownBy(() -> keptCluster().replicas(0).start())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("has 1 replicas for each shard, not 0");
        assertThatThrownBy(() -> keptCluster().rootPassword("other").start())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("another root password");
    }

    @Test
    void refusesADirectoryOfSomebodyElse() throws Exception {
        Files.writeString(directory.resolve("thesis.txt"), "precious");
        assertThatThrownBy(() -> keptCluster().start())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("not a Shardway cluster");
        assertThat(directory).isDirectoryContaining("glob:**thesis.txt");
    }

    @Test
    void aTakenBasePortStopsTheStart() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> keptCluster().basePort(port).start())
                    .isInstanceOf(ClusterProblem.class)
                    .hasMessageContaining("Port " + port + ", which ZooKeeper wants");
        }
    }

    private LocalCluster.Builder keptCluster() {
        return LocalCluster.builder().directory(directory);
    }
}
