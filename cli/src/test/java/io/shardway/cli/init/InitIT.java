package io.shardway.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cli.CommandLines;
import io.shardway.cli.demo.OwnerAccount;
import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.TestCluster;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitIT {

    private static final AtomicInteger ROOTS = new AtomicInteger();

    @TempDir private Path directory;
    private final LocalCluster cluster = TestCluster.shared();
    private final String root = "/init-test-" + ROOTS.incrementAndGet();
    private final String keyspace = TestCluster.freshDatabase();

    @BeforeEach
    void createOwner() throws SQLException {
        for (var primary : cluster.primaries()) {
            primary.execute("CREATE USER init_owner@'%' IDENTIFIED BY 'secret'");
            for (String grant : OwnerAccount.leastGrants("init_owner", keyspace)) {
                primary.execute(grant);
            }
        }
        cluster.awaitReplication(Duration.ofSeconds(30));
    }

    @AfterEach
    void dropOwner() throws SQLException {
        for (var primary : cluster.primaries()) {
            primary.execute("DROP USER init_owner@'%'");
        }
        TestCluster.drop(keyspace);
    }

    @Test
    void makesAClusterOnceAndRefusesToMakeItAgain() throws IOException {
        CommandLines.Outcome dry = run("--dry-run");
        assertThat(dry.err()).isEmpty();
        assertThat(dry.out()).contains("Would do:", "512 of 1024 buckets", "account app (WRITE)");

        CommandLines.Outcome made = run();
        assertThat(made.err()).isEmpty();
        assertThat(made.exitCode()).isZero();
        try (var store =
                ZooKeeperAccess.open(cluster.zooKeeper().connectString(), root, Optional.empty())) {
            assertThat(store.topologyStore().read().shards()).hasSize(2);
            assertThat(
                            store.accountStore()
                                    .read()
                                    .find(AccountName.of("app"))
                                    .orElseThrow()
                                    .rights())
                    .isEqualTo(Rights.everywhere(AccountRight.WRITE));
        }

        CommandLines.Outcome again = run();
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("SW-3014", root);
    }

    @Test
    void namesNodesThatCannotBeUsed() throws IOException {
        CommandLines.Outcome outcome =
                run("--shard", "s3=127.0.0.1:1", "--shard", "s4=localhost:" + port(1));

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("s3-a (127.0.0.1:1) cannot be used as 'init_owner': nothing answers")
                .contains("s4-a (localhost:" + port(1) + ") is the same server as s1-a");
    }

    private CommandLines.Outcome run(String... more) throws IOException {
        Path passwords =
                Files.writeString(directory.resolve("p"), "init_owner=secret\napp=app\nadmin=a\n");
        var arguments =
                new ArrayList<>(
                        List.of(
                                "init",
                                "--zookeeper",
                                cluster.zooKeeper().connectString(),
                                "--root=" + root,
                                "--owner-user=init_owner",
                                "--password-file=" + passwords,
                                "--keyspace=" + keyspace,
                                "--account=app:write",
                                "--account=admin:admin",
                                "--shard",
                                "s1=127.0.0.1:" + port(1),
                                "--shard",
                                "s2=127.0.0.1:" + port(2)));
        arguments.addAll(List.of(more));
        return CommandLines.run(arguments);
    }

    private int port(int shard) {
        return cluster.primary(shard).port();
    }
}
