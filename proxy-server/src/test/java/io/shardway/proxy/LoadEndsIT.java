package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A load that ends in its middle leaves nothing, and whoever is left to hear it is told. */
@Timeout(120)
class LoadEndsIT {

    private static final String LOAD = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE items";
    private static final String ALLOWED = "allowLoadLocalInfile=true";

    private static TestProxy proxy;
    private static NodeSide nodes;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "session.transaction-mode",
                                "best-effort",
                                "load.record-bytes-max",
                                "64KiB",
                                "load.client-timeout",
                                "3s"));
        nodes = new NodeSide(proxy);
        try (Connection client = proxy.connect()) {
            for (String engine : new String[] {"items", "others"}) {
                TestProxy.run(
                        client,
                        "CREATE TABLE %s (user_id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200))"
                                .formatted(engine));
            }
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        threads.close();
        nodes.awaitClean();
        assertThat(count()).isZero();
    }

    private static int count() throws SQLException {
        try (Connection client = proxy.connect();
                Statement statement = client.createStatement();
                ResultSet found = statement.executeQuery("SELECT COUNT(*) FROM items")) {
            found.next();
            return found.getInt(1);
        }
    }

    /** Rows without end, until it is told to end or to wait. */
    private static final class Rows extends InputStream {
        private final CountDownLatch begun = new CountDownLatch(200);
        private final CountDownLatch going = new CountDownLatch(1);
        private final int waitsAt;
        private final int endsAt;
        private int next;
        private byte[] row = new byte[0];
        private int at;

        private Rows(int waitsAt, int endsAt) {
            this.waitsAt = waitsAt;
            this.endsAt = endsAt;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (at == row.length) {
                if (next == endsAt) {
                    return -1;
                }
                if (next == waitsAt) {
                    try {
                        going.await();
                    } catch (InterruptedException stopped) {
                        throw new IOException(stopped);
                    }
                }
                var rows = new StringBuilder();
                for (int i = 0; i < 50; i++) {
                    rows.append(next++).append('\t').append("x".repeat(150)).append('\n');
                }
                row = rows.toString().getBytes(UTF_8);
                at = 0;
                begun.countDown();
            }
            int step = Math.min(length, row.length - at);
            System.arraycopy(row, at, into, from, step);
            at += step;
            return step;
        }
    }

    private Future<String> begin(Connection client, Rows rows) throws Exception {
        Future<String> told = threads.submit(() -> LoadFixture.load(client, LOAD, rows));
        assertThat(rows.begun.await(30, TimeUnit.SECONDS)).isTrue();
        return told;
    }

    private static void awaitLoading() throws SQLException {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                while (!SideBySide.describe(
                                node,
                                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE"
                                        + " 'LOAD DATA%'")
                        .endsWith("|1, ")) {
                    assertThat(System.nanoTime()).isLessThan(until);
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void killQueryEndsItOnAllShards() throws Exception {
        try (Connection client = proxy.connect(ALLOWED);
                Connection other = proxy.connect()) {
            var rows = new Rows(40_000, 60_000);
            Future<String> told = begin(client, rows);
            awaitLoading();
            TestProxy.run(other, "KILL QUERY " + id(client));
            rows.going.countDown();
            assertThat(told.get(20, TimeUnit.SECONDS)).contains("error 1317");
            assertThat(SideBySide.describe(client, "SELECT 1")).endsWith("|1, ");
        }
    }

    private static long id(Connection client) {
        try {
            return Long.parseLong(
                    client.unwrap(com.mysql.cj.jdbc.JdbcConnection.class).getSession().getThreadId()
                            + "");
        } catch (SQLException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    @Test
    void killLeavesNothing() throws Exception {
        Connection client = proxy.connect(ALLOWED);
        try (Connection other = proxy.connect()) {
            var rows = new Rows(40_000, 60_000);
            Future<String> told = begin(client, rows);
            awaitLoading();
            TestProxy.run(other, "KILL " + id(client));
            rows.going.countDown();
            assertThat(told.get(20, TimeUnit.SECONDS)).contains("error");
        } finally {
            client.abort(Runnable::run);
        }
    }

    @Test
    void aClientThatLeavesLeavesNothing() throws Exception {
        Connection client = proxy.connect(ALLOWED);
        var rows = new Rows(40_000, 60_000);
        Future<String> told = begin(client, rows);
        awaitLoading();
        client.abort(Runnable::run);
        rows.going.countDown();
        told.cancel(true);
    }

    @Test
    void aLostShardEndsIt() throws Exception {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection client = proxy.connect(ALLOWED)) {
                var rows = new Rows(40_000, 60_000);
                Future<String> told = begin(client, rows);
                awaitLoading();
                assertThat(nodes.killAll(shard)).isPositive();
                rows.going.countDown();
                assertThat(told.get(20, TimeUnit.SECONDS)).contains("SW-4002");
                assertThat(SideBySide.describe(client, "SELECT 1")).endsWith("|1, ");
                TestProxy.run(client, "BEGIN");
                TestProxy.run(client, "INSERT INTO others VALUES (1, 'a')");
                var more = new Rows(40_000, 60_000);
                told = begin(client, more);
                awaitLoading();
                assertThat(nodes.killAll(shard)).isPositive();
                more.going.countDown();
                assertThat(told.get(20, TimeUnit.SECONDS)).contains("SW-4002");
                assertThat(SideBySide.describe(client, "SELECT * FROM others")).contains("SW-4007");
                TestProxy.run(client, "ROLLBACK");
                assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM others"))
                        .endsWith("|0, ");
            }
        }
    }

    @Test
    void anErrorOnOneShardTakesBackTheOthers() throws Exception {
        try (Connection client = proxy.connect(ALLOWED);
                Connection node = proxy.onShard(2)) {
            TestProxy.run(client, "SET innodb_lock_wait_timeout = 1");
            node.setAutoCommit(false);
            TestProxy.run(
                    node,
                    "INSERT INTO %s.items VALUES (%d, 'in the way')"
                            .formatted(proxy.keyspace(), proxy.keyOn(2, 3)));
            var rows = new Rows(-1, 60_000);
            assertThat(begin(client, rows).get(60, TimeUnit.SECONDS)).contains("error 1205");
            TestProxy.run(client, "BEGIN");
            TestProxy.run(
                    client, "INSERT INTO others VALUES (%d, 'a')".formatted(proxy.keyOn(1, 0)));
            assertThat(begin(client, new Rows(-1, 60_000)).get(60, TimeUnit.SECONDS))
                    .contains("error 1205");
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM items")).endsWith("|0, ");
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM others")).endsWith("|1, ");
            TestProxy.run(client, "ROLLBACK");
            node.rollback();
        }
    }

    @Test
    void aSilentClientIsDisconnected() throws Exception {
        Connection client = proxy.connect(ALLOWED);
        var rows = new Rows(20_000, 60_000);
        Future<String> told = begin(client, rows);
        awaitLoading();
        nodes.awaitClean();
        rows.going.countDown();
        told.cancel(true);
        client.abort(Runnable::run);
    }

    @Test
    void aRecordWithoutEndIsRefused() throws SQLException {
        try (Connection client = proxy.connect(ALLOWED)) {
            String told = LoadFixture.load(client, LOAD, "1\ta\n2\tb\n3\t" + "x".repeat(3_000_000));
            assertThat(told).contains("SW-5025").contains("record 3");
            String fits = LoadFixture.load(client, LOAD, "1\t" + "x".repeat(60_000) + "\n2\tb\n");
            assertThat(fits).contains("affected 2");
            TestProxy.run(client, "DELETE FROM items");
        }
    }

    @Test
    void aSmallHeapLoadsALargeFile() throws Exception {
        try (ChildProxy child =
                        ChildProxy.start(
                                proxy.settingsOf(Map.of("session.transaction-mode", "best-effort")),
                                proxy.cluster().rootPassword());
                Connection client =
                        DriverManager.getConnection(
                                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&sslMode=DISABLED&%s"
                                        .formatted(child.port(), proxy.keyspace(), ALLOWED),
                                "app",
                                "app")) {
            int rows = Integer.getInteger("shardway.load.rows", 450_000);
            long begun = System.nanoTime();
            String told = LoadFixture.load(client, LOAD, new Rows(-1, rows));
            System.out.printf(
                    "LoadEndsIT %d rows of 160 bytes, 256 MB heap: %d ms%n",
                    rows, (System.nanoTime() - begun) / 1_000_000);
            assertThat(told).contains("affected " + rows);
            if (Boolean.getBoolean("shardway.load.compare")) {
                compare(rows);
            }
            for (int shard = 1; shard <= 2; shard++) {
                try (Connection node = proxy.onShard(shard)) {
                    TestProxy.run(node, "TRUNCATE TABLE %s.items".formatted(proxy.keyspace()));
                }
            }
        }
    }

    /** By hand: the same file in one MySQL. */
    private static void compare(int rows) throws SQLException {
        String url = proxy.cluster().primary(1).jdbcUrl(proxy.keyspace());
        try (Connection node =
                DriverManager.getConnection(
                        url
                                + (url.contains("?") ? "&" : "?")
                                + "allowPublicKeyRetrieval=true&"
                                + ALLOWED,
                        "root",
                        proxy.cluster().rootPassword())) {
            TestProxy.run(node, "CREATE TABLE direct LIKE items");
            long begun = System.nanoTime();
            String told =
                    LoadFixture.load(node, LOAD.replace("items", "direct"), new Rows(-1, rows));
            System.out.printf(
                    "LoadEndsIT %d rows in one MySQL: %d ms%n",
                    rows, (System.nanoTime() - begun) / 1_000_000);
            assertThat(told).contains("affected " + rows);
            TestProxy.run(node, "DROP TABLE direct");
        }
    }
}
