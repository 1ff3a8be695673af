package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.BucketMap;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two proxies serve one cluster while its topology changes. */
@Timeout(60)
class TwoProxiesIT {

    private static TestProxy first;
    private static TestProxy second;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() {
        first = TestProxy.start(Map.of("zookeeper.announce-timeout", "3s"));
        second = first.another(Map.of("zookeeper.announce-timeout", "3s"));
    }

    @AfterAll
    static void stop() {
        second.close();
        first.close();
    }

    @AfterEach
    void nothingIsLeft() {
        threads.close();
        new NodeSide(first).awaitClean();
        new NodeSide(second).awaitClean();
    }

    @Test
    void servesATableOnEveryProxyBeforeItsMakerHearsOk() throws SQLException {
        try (Connection maker = first.connect();
                Connection other = second.connect();
                Statement make = maker.createStatement();
                Statement use = other.createStatement()) {
            for (int i = 0; i < 5; i++) {
                long key = first.keyOn(i % 2 + 1, i);
                make.execute("CREATE TABLE t" + i + " (user_id BIGINT NOT NULL PRIMARY KEY)");
                assertThat(
                                use.executeUpdate(
                                        "INSERT INTO t" + i + " (user_id) VALUES (" + key + ")"))
                        .isEqualTo(1);
                make.execute("DROP TABLE t" + i);
                assertThatThrownBy(
                                () -> use.executeQuery("SELECT * FROM t0 WHERE user_id = " + key))
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    void followsTheBucketMap() throws SQLException {
        long key = first.keyOn(1, 0);
        try (Connection maker = first.connect();
                Connection other = second.connect();
                Statement one = maker.createStatement();
                Statement two = other.createStatement()) {
            one.execute("CREATE TABLE moved (user_id BIGINT NOT NULL PRIMARY KEY, place INT)");
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection root = first.onShard(shard);
                        Statement statement = root.createStatement()) {
                    statement.execute("INSERT INTO moved VALUES (" + key + ", " + shard + ")");
                }
            }
            assertThat(place(one, key)).isEqualTo(1);
            assertThat(place(two, key)).isEqualTo(1);
            move(key, "s2");
            assertThat(place(one, key)).isEqualTo(2);
            assertThat(place(two, key)).isEqualTo(2);
            move(key, "s1");
            assertThat(place(one, key)).isEqualTo(1);
            assertThat(place(two, key)).isEqualTo(1);
        }
    }

    @Test
    void losesNoStatementWhileTheTopologyChanges() throws Exception {
        long key = first.keyOn(2, 1);
        try (Connection maker = first.connect();
                Statement make = maker.createStatement()) {
            make.execute("CREATE TABLE busy (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            make.execute("INSERT INTO busy (user_id, n) VALUES (" + key + ", 0)");
            var over = new AtomicBoolean();
            List<Future<Integer>> workers = new ArrayList<>();
            for (TestProxy proxy : List.of(first, second)) {
                for (int i = 0; i < 4; i++) {
                    boolean prepared = i % 2 == 0;
                    workers.add(threads.submit(() -> work(proxy, key, prepared, over)));
                }
            }
            for (int i = 0; i < 10; i++) {
                make.execute("CREATE TABLE other" + i + " (user_id BIGINT NOT NULL PRIMARY KEY)");
                move(first.keyOn(1, 3), i % 2 == 0 ? "s2" : "s1");
            }
            over.set(true);
            int done = 0;
            for (Future<Integer> worker : workers) {
                done += worker.get(20, TimeUnit.SECONDS);
            }
            try (ResultSet rows = make.executeQuery("SELECT n FROM busy WHERE user_id = " + key)) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(done).isPositive();
            }
        }
    }

    @Test
    void announcesAnEpochOnlyWhenStatementsRoutedBeforeAreDoneAndServesItMeanwhile()
            throws Exception {
        long key = first.keyOn(1, 2);
        try (Connection slow = second.connect();
                Connection quick = second.connect();
                Connection root = first.onShard(1);
                Connection maker = first.connect();
                Statement make = maker.createStatement();
                Statement use = quick.createStatement();
                Statement lock = root.createStatement()) {
            make.execute("CREATE TABLE held (user_id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL)");
            make.execute("INSERT INTO held (user_id, n) VALUES (" + key + ", 0)");
            root.setAutoCommit(false);
            lock.executeQuery("SELECT * FROM held WHERE user_id = " + key + " FOR UPDATE").close();
            Future<Integer> write =
                    threads.submit(() -> {
                        try (Statement statement = slow.createStatement()) {
                            return statement.executeUpdate(
                                    "UPDATE held SET n = 1 WHERE user_id = " + key);
                        }
                    });
            new NodeSide(second).awaitRunning(1, "UPDATE held%");
            assertThatThrownBy(() ->
                            make.execute(
                                    "CREATE TABLE late1 (user_id BIGINT NOT NULL PRIMARY KEY)"))
                    .hasMessageContaining("SW-3005");
            assertThatThrownBy(() ->
                            make.execute(
                                    "CREATE TABLE late2 (user_id BIGINT NOT NULL PRIMARY KEY)"))
                    .hasMessageContaining("SW-3005");
            assertThat(use.executeUpdate("INSERT INTO late2 (user_id) VALUES (" + key + ")"))
                    .isEqualTo(1);
            root.rollback();
            assertThat(write.get(20, TimeUnit.SECONDS)).isEqualTo(1);
            make.execute("CREATE TABLE late3 (user_id BIGINT NOT NULL PRIMARY KEY)");
        }
    }

    @Test
    void killsASessionOfTheOtherProxy() throws Exception {
        try (Connection victim = second.connect();
                Connection killer = first.connect();
                Statement kill = killer.createStatement();
                Statement ask = victim.createStatement()) {
            long id;
            try (ResultSet rows = ask.executeQuery("SELECT CONNECTION_ID()")) {
                rows.next();
                id = rows.getLong(1);
            }
            kill.execute("KILL " + id);
            NodeSide.until("the victim is gone", () -> !victim.isValid(1));
        }
    }

    /** Moves a key's bucket in the topology only, and waits until both proxies serve that. */
    private static void move(long key, String to) {
        Topology stored =
                first.proxy()
                        .store()
                        .update(topology ->
                                new Topology(
                                        Epoch.NONE,
                                        topology.shards(),
                                        topology.defaultShard(),
                                        with(
                                                topology.bucketMap(),
                                                Bucket.numberOf(key),
                                                new ShardId(to)),
                                        topology.keyspaces()));
        NodeSide.until(
                "both announce",
                () ->
                        first.proxy().zookeeper().proxyRegistry().proxies().stream()
                                .filter(peer -> peer.alive())
                                .allMatch(peer -> !stored.epoch().isAfter(peer.announced())));
    }

    private static BucketMap with(BucketMap map, int bucket, ShardId owner) {
        var owners = new ArrayList<>(map.owners());
        owners.set(bucket, owner);
        return BucketMap.of(owners);
    }

    private static int work(TestProxy proxy, long key, boolean prepared, AtomicBoolean over)
            throws SQLException {
        int done = 0;
        try (Connection connection = proxy.connect("useServerPrepStmts=" + prepared);
                var update =
                        connection.prepareStatement(
                                "UPDATE busy SET n = n + 1 WHERE user_id = ?")) {
            while (!over.get()) {
                update.setLong(1, key);
                done += update.executeUpdate();
            }
        }
        return done;
    }

    private static int place(Statement statement, long key) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery("SELECT place FROM moved WHERE user_id = " + key)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
