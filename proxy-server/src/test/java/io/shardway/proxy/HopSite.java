package io.shardway.proxy;

import io.shardway.cluster.LocalCluster;
import io.shardway.cluster.TestCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A proxy that reaches its two shards through hops, and what tests see of it from outside. Confined
 * to one thread.
 */
final class HopSite implements AutoCloseable {

    private final List<HoldingHop> hops;
    private final TestProxy proxy;

    private HopSite(List<HoldingHop> hops, TestProxy proxy) {
        this.hops = hops;
        this.proxy = proxy;
    }

    static HopSite start() {
        LocalCluster cluster = TestCluster.shared();
        List<HoldingHop> hops =
                List.of(
                        new HoldingHop(cluster.primary(1).port()),
                        new HoldingHop(cluster.primary(2).port()));
        Map<String, String> settings =
                Map.of(
                        "session.transaction-mode",
                        "best-effort",
                        "management.enabled",
                        "true",
                        "management.port",
                        "0");
        return new HopSite(
                hops,
                TestProxy.start(cluster, plainly(settings), shard -> hops.get(shard - 1).port()));
    }

    /** With what the hops understand. */
    static Map<String, String> plainly(Map<String, String> settings) {
        var all = new HashMap<>(settings);
        all.put("backend.tls", "disabled");
        return all;
    }

    TestProxy proxy() {
        return proxy;
    }

    NodeSide nodes() {
        return new NodeSide(proxy);
    }

    HoldingHop hop(int shard) {
        return hops.get(shard - 1);
    }

    /** For tests that failed. */
    void holdNothing() {
        hops.forEach(HoldingHop::holdNothing);
    }

    /** How many bytes of rows the proxy holds for its statements, as its metrics say. */
    double held() throws Exception {
        int port = proxy.proxy().managementPort().orElseThrow();
        var request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("shardway_assemble_held"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .max()
                    .orElseThrow();
        }
    }

    /** The table that is being filled, if there is one on any shard. */
    String filling() throws SQLException {
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = proxy.onShard(shard)) {
                List<String> found = strings(node, "SHOW TABLES LIKE 'shardway%filling%'");
                if (!found.isEmpty()) {
                    return found.getFirst();
                }
            }
        }
        return "";
    }

    /** All that each shard has, whatever the proxy says. */
    List<String> stored() throws SQLException {
        var stored = new ArrayList<String>();
        for (int shard = 1; shard <= 2; shard++) {
            stored.add(storedOn(shard));
        }
        return stored;
    }

    String storedOn(int shard) throws SQLException {
        var stored = new ArrayList<String>();
        try (Connection node = proxy.onShard(shard)) {
            for (String table : strings(node, "SHOW TABLES")) {
                stored.add(table + strings(node, "SELECT CONCAT_WS(' ', %s) FROM " + table));
            }
        }
        return String.join("; ", stored);
    }

    private static List<String> strings(Connection node, String sql) throws SQLException {
        String table = sql.substring(sql.lastIndexOf(' ') + 1);
        String columns =
                switch (table) {
                    case "items" -> "user_id, seq, n, name";
                    case "notes" -> "id, n";
                    default -> "user_id, n";
                };
        var found = new ArrayList<String>();
        try (Statement statement = node.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                sql.startsWith("SELECT") ? sql.formatted(columns) : sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found.stream().sorted().toList();
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        for (HoldingHop hop : hops) {
            hop.close();
        }
    }
}
