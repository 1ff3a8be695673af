package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that stop reading in the middle of an answer. */
@Timeout(120)
class WriteTimeoutIT {

    private static final int ROWS = 300;
    private static final String LARGE =
            "SELECT item_id, REPEAT('x', 1000000) FROM items WHERE user_id = ";

    private static TestProxy proxy;
    private static NodeSide nodes;
    private static long key;

    @BeforeAll
    static void start() throws SQLException {
        proxy =
                TestProxy.start(
                        Map.of(
                                "frontend.event-loops",
                                "1",
                                "frontend.write-timeout",
                                "2s",
                                "management.enabled",
                                "true",
                                "management.port",
                                "0"));
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

    @Test
    void theLeaseOfAClientThatStopsReadingIsFreed() throws Exception {
        double before = closed();
        try (RawClient client = RawClient.connect(proxy);
                RawClient transaction = RawClient.connect(proxy)) {
            client.query(LARGE + key);
            transaction.update("BEGIN");
            transaction.update("UPDATE items SET n = 5 WHERE item_id = 1 AND user_id = " + key);
            transaction.query(LARGE + key);
            NodeSide.until("both hold a lease", () -> nodes.pool(1).leased() == 2);
            nodes.awaitClean();
            assertThat(nodes.threadsRunning(1, "%REPEAT%")).isEmpty();
            assertThatThrownBy(
                            () -> {
                                for (int packet = 0; packet < ROWS + 4; packet++) {
                                    client.packet();
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
        assertThat(closed() - before).isEqualTo(2);
        assertThat(metric("shardway_errors_total{code=\"SW-1023\"")).isEqualTo(2);
    }

    @Test
    void aSlowReaderIsNotCutWhileItReads() throws Exception {
        double before = closed();
        try (RawClient slow = RawClient.connect(proxy);
                Connection quick = proxy.connect()) {
            slow.query(LARGE + key);
            for (int definitions = 0; definitions < 3; definitions++) {
                slow.packet();
            }
            long begun = System.nanoTime();
            int rows = 0;
            for (; System.nanoTime() - begun < 6_000_000_000L && rows < ROWS; rows++) {
                slow.packet();
                long read = System.nanoTime();
                for (int i = 0; i < 40 && System.nanoTime() - read < 200_000_000L; i++) {
                    SideBySide.describe(quick, "SELECT 1");
                }
            }
            for (; rows < ROWS; rows++) {
                assertThat(slow.packet().length).isGreaterThan(1_000_000);
            }
            assertThat(slow.packet()[0]).isEqualTo((byte) 0xFE);
        }
        assertThat(closed()).isEqualTo(before);
    }

    @Test
    void aClientMayAskForMoreTime() throws Exception {
        double before = closed();
        try (RawClient patient = RawClient.connect(proxy);
                RawClient stopped = RawClient.connect(proxy)) {
            patient.update("SET net_write_timeout = 600");
            patient.query(LARGE + key);
            stopped.query(LARGE + key);
            NodeSide.until("both hold a lease", () -> nodes.pool(1).leased() == 2);
            NodeSide.until("one is cut", () -> nodes.pool(1).leased() == 1);
            assertThat(closed() - before).isEqualTo(1);
            for (int packet = 0; packet < ROWS + 4; packet++) {
                patient.packet();
            }
        }
    }

    private static double closed() throws Exception {
        return metric("shardway_sessions_closed_total{reason=\"write_timeout\"");
    }

    private static double metric(String name) throws Exception {
        int port = proxy.proxy().managementPort().orElseThrow();
        var request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }
}
