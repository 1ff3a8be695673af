package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.shardway.proxy.frontend.SessionFigures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that read slowly, or not at all, or go away, on the one event loop they share with
 * others.
 */
@Timeout(120)
class SlowClientIT {

    private static final int ROWS = 300;

    /** Seven million for an answer of two gigabytes. */
    private static final int ROW_BYTES = Integer.getInteger("shardway.test.row-bytes", 1_000_000);

    private static final String LARGE =
            "SELECT item_id, REPEAT('x', 1000000) FROM items WHERE user_id = ";

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start(Map.of("frontend.event-loops", "1"));
        nodes = new NodeSide(proxy);
        key = proxy.keyOn(1, 0);
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE items (user_id BIGINT NOT NULL, item_id INT NOT NULL, n INT NOT NULL,"
                            + " PRIMARY KEY (user_id, item_id))");
            var values = new StringBuilder();
            for (int i = 0; i < ROWS; i++) {
                values.append(i == 0 ? "" : ",").append("(%d,%d,0)".formatted(key, i));
            }
            statement.execute("INSERT INTO items (user_id, item_id, n) VALUES " + values);
        }
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @AfterEach
    void nothingIsLeft() {
        nodes.awaitClean();
        NodeSide.until("no client is left", () -> proxy.proxy().registry().size() == 0);
    }

    /**
     * Everything the proxy keeps of an answer waits in the client's queue: the backend is not read
     * while that is full. The allocator shows that nothing else grows.
     */
    @Test
    void costsKilobytesAndStallsNobody(TestReporter reporter) throws Exception {
        try (RawClient slow = RawClient.connect(proxy);
                Connection quick = proxy.connect();
                Statement statement = quick.createStatement()) {
            long before = memory();
            slow.query(LARGE.replace("1000000", String.valueOf(ROW_BYTES)) + key);
            awaitSending();
            for (int definitions = 0; definitions < 3; definitions++) {
                slow.packet();
            }
            long queuedMax = 0;
            long memoryMax = 0;
            long slowestNanos = 0;
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < 3; i++) {
                    long begun = System.nanoTime();
                    readOne(statement);
                    slowestNanos = Math.max(slowestNanos, System.nanoTime() - begun);
                    queuedMax = Math.max(queuedMax, queuedBytes());
                    memoryMax = Math.max(memoryMax, memory() - before);
                }
                byte[] packet = slow.packet();
                assertThat(packet.length).isGreaterThan(ROW_BYTES);
                assertThat(packet[packet.length - 1]).isEqualTo((byte) 'x');
            }
            assertThat(slow.packet()[0]).isEqualTo((byte) 0xFE);
            reporter.publishEntry(
                    "answer %d MB, queued at most %d bytes, allocator grew by at most %d bytes, slowest of %d other statements %d ms"
                            .formatted(
                                    (long) ROWS * ROW_BYTES / 1_000_000,
                                    queuedMax,
                                    memoryMax,
                                    ROWS * 3,
                                    slowestNanos / 1_000_000));
            assertThat(queuedMax).as("bytes queued").isBetween(1L, 512L << 10);
            assertThat(memoryMax).as("bytes of the allocator").isLessThan(8 << 20);
        }
    }

    private static void readOne(Statement statement) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT n FROM items WHERE item_id = 1 AND user_id = " + key)) {
            assertThat(rows.next()).isTrue();
        }
    }

    private static long queuedBytes() {
        return proxy.proxy().server().figures().stream()
                .mapToLong(SessionFigures::queuedBytes)
                .sum();
    }

    /**
     * Of the allocator that clients and nodes share; buffers are given back to it, not to the
     * system.
     */
    private static long memory() {
        var allocator = (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    @Test
    void freesTheBackendOfAClientThatDiesInTheMiddleOfALargeResult() throws Exception {
        RawClient client = RawClient.connect(proxy);
        client.query(LARGE + key);
        awaitSending();
        client.die();
    }

    @Test
    void endsAKilledClientThatDoesNotRead() throws Exception {
        try (RawClient client = RawClient.connect(proxy)) {
            client.update("BEGIN");
            client.update("UPDATE items SET n = n + 1 WHERE item_id = 1 AND user_id = " + key);
            client.query(LARGE + key);
            awaitSending();
            long id = proxy.proxy().server().figures().getFirst().id();
            try (Connection killer = proxy.connectAsAdmin();
                    Statement kill = killer.createStatement()) {
                kill.execute("KILL " + id);
            }
            NodeSide.until("its transaction is gone", () -> nodes.transactions(1) == 0);
        }
    }

    @Test
    void rollsBackWhenAClientDiesInATransaction() throws Exception {
        RawClient client = RawClient.connect(proxy);
        client.update("BEGIN");
        client.update("UPDATE items SET n = 77 WHERE item_id = 2 AND user_id = " + key);
        assertThat(nodes.transactions(1)).isEqualTo(1);
        client.die();
        nodes.awaitClean();
        try (Connection root = proxy.onShard(1);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT n FROM items WHERE item_id = 2 AND user_id = " + key)) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void interruptsTheReadOfAClientThatDied() throws Exception {
        RawClient client = RawClient.connect(proxy);
        client.query("SELECT SLEEP(600) FROM items WHERE item_id = 1 AND user_id = " + key);
        nodes.awaitRunning(1, "SELECT SLEEP%");
        client.die();
        NodeSide.until("nobody sleeps", () -> nodes.threadsRunning(1, "SELECT SLEEP%").isEmpty());
    }

    @Test
    void rollsBackTheStatementThatRanWhenItsClientDied() throws Exception {
        try (Connection root = proxy.onShard(1);
                Statement lock = root.createStatement()) {
            root.setAutoCommit(false);
            lock.executeQuery("SELECT * FROM items WHERE user_id = " + key + " FOR UPDATE").close();
            RawClient client = RawClient.connect(proxy);
            client.update("BEGIN");
            client.query("UPDATE items SET n = 88 WHERE item_id = 3 AND user_id = " + key);
            nodes.awaitRunning(1, "UPDATE items%");
            client.die();
            root.rollback();
            nodes.awaitClean();
            try (ResultSet rows =
                    lock.executeQuery(
                            "SELECT n FROM items WHERE item_id = 3 AND user_id = " + key)) {
                rows.next();
                assertThat(rows.getInt(1)).isZero();
            }
            root.rollback();
        }
    }

    @Test
    void drainsTransactionsWithinItsBoundAndTellsTheOthers() throws Exception {
        TestProxy draining = proxy.another(Map.of("frontend.drain-timeout", "20s"));
        var drainingNodes = new NodeSide(draining);
        try (RawClient idle = RawClient.connect(draining);
                RawClient working = RawClient.connect(draining)) {
            working.update("BEGIN");
            working.update("UPDATE items SET n = 5 WHERE item_id = 5 AND user_id = " + key);
            Thread closing = Thread.ofVirtual().start(draining::close);
            assertThat(RawClient.errorOf(idle.packet())).isEqualTo(1053);
            try (var late = new RawClient(draining.proxy().port(), new byte[0])) {
                assertThat(RawClient.errorOf(late.packet())).isEqualTo(1053);
            }
            working.update("UPDATE items SET n = 6 WHERE item_id = 5 AND user_id = " + key);
            working.update("COMMIT");
            byte[] farewell = working.packet();
            assertThat(RawClient.errorOf(farewell)).isEqualTo(1053);
            closing.join();
        }
        assertThat(drainingNodes.threads(1)).isEmpty();
        try (Connection root = proxy.onShard(1);
                Statement statement = root.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT n FROM items WHERE item_id = 5 AND user_id = " + key)) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(6);
        }
    }

    @Test
    void endsTransactionsThatOutlastTheDrain() throws Exception {
        TestProxy draining = proxy.another(Map.of("frontend.drain-timeout", "1s"));
        try (RawClient idle = RawClient.connect(draining);
                RawClient busy = RawClient.connect(draining);
                RawClient slow = RawClient.connect(draining)) {
            idle.update("BEGIN");
            idle.update("UPDATE items SET n = 9 WHERE item_id = 9 AND user_id = " + key);
            busy.query("SELECT SLEEP(600) FROM items WHERE item_id = 1 AND user_id = " + key);
            slow.query(LARGE + key);
            NodeSide.until("all run", () -> new NodeSide(draining).pool(1).leased() == 3);
            draining.close();
            assertThat(RawClient.errorOf(idle.packet())).isEqualTo(1053);
            byte[] instead = busy.packet();
            assertThat(RawClient.errorOf(instead)).isEqualTo(1053);
            assertThat(busy.sequence()).isEqualTo(1);
            int rows = 0;
            try {
                while (true) {
                    byte[] packet = slow.packet();
                    if (packet.length > 1_000_000) {
                        assertThat(new String(packet, UTF_8)).endsWith("x");
                        rows++;
                    } else {
                        assertThat(RawClient.errorOf(packet)).isZero();
                    }
                }
            } catch (java.io.IOException cut) {
                assertThat(rows).isLessThan(ROWS);
            }
        }
        assertThat(new NodeSide(proxy).transactions(1)).isZero();
        new NodeSide(draining).awaitNoThreads(1);
    }

    private static void awaitSending() {
        NodeSide.until(
                "the answer waits for its client",
                () ->
                        proxy.proxy().server().figures().stream()
                                .anyMatch(session -> session.state().equals("sending to client")));
    }
}
