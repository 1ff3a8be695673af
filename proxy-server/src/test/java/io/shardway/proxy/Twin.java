package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.MySqlNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The same tables in a sharded keyspace behind a proxy and in a schema that clients reach directly:
 * what MySQL would say is what MySQL says. Accounts with the same rights.
 */
final class Twin implements AutoCloseable {

    private static final int DIFFERENCES_MAX = 10;
    private static final String NO_HANGING = "socketTimeout=30000&";

    private final TestProxy proxy;
    private final MySqlNode node;
    private final String schema;

    private Twin(TestProxy proxy) {
        this.proxy = proxy;
        this.node = proxy.cluster().primary(1);
        this.schema = proxy.keyspace() + "_direct";
    }

    /** What is asked of both; all it sees goes into the transcript. */
    interface Conversation {
        void hold(Connection connection, Transcript transcript) throws SQLException;
    }

    static Twin start(String... definitions) throws SQLException {
        var twin = new Twin(TestProxy.start());
        twin.node.execute("CREATE DATABASE `" + twin.schema + "`");
        twin.define(definitions);
        return twin;
    }

    void define(String... definitions) throws SQLException {
        for (Connection connection : List.of(proxy.connect(), direct(""))) {
            try (connection;
                    Statement statement = connection.createStatement()) {
                for (String definition : definitions) {
                    statement.execute(definition);
                }
            }
        }
    }

    TestProxy proxy() {
        return proxy;
    }

    Connection proxied(String parameters) throws SQLException {
        return proxy.connect(NO_HANGING + parameters);
    }

    Connection direct(String parameters) throws SQLException {
        String url =
                "jdbc:mysql://%s:%d/%s?allowPublicKeyRetrieval=true&%s"
                        .formatted(node.host(), node.port(), schema, NO_HANGING + parameters);
        return DriverManager.getConnection(url, "root", node.rootPassword());
    }

    /** Holds the conversation with both and expects the same answers; returns them. */
    List<String> same(String parameters, Conversation conversation) throws SQLException {
        List<String> expected;
        try (Connection connection = direct(parameters)) {
            expected = transcript(connection, schema, conversation);
        }
        try (Connection connection = proxied(parameters)) {
            assertThat(
                            differences(
                                    expected,
                                    transcript(connection, proxy.keyspace(), conversation)))
                    .as("through the proxy, compared with MySQL; parameters: %s", parameters)
                    .isEmpty();
        }
        return expected;
    }

    private static List<String> differences(List<String> expected, List<String> actual) {
        var differences = new ArrayList<String>();
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            String mysql = i < expected.size() ? expected.get(i) : "nothing";
            String proxy = i < actual.size() ? actual.get(i) : "nothing";
            if (!mysql.equals(proxy) && differences.size() < DIFFERENCES_MAX) {
                String before = i == 0 ? "" : expected.get(i - 1);
                differences.add(
                        "%n  line %d after %s%n    MySQL: %s%n    proxy: %s"
                                .formatted(i, before, mysql, proxy));
            }
        }
        return differences;
    }

    private static List<String> transcript(
            Connection connection, String schema, Conversation conversation) throws SQLException {
        var transcript = new Transcript(Map.of(schema, "SCHEMA"));
        conversation.hold(connection, transcript);
        return transcript.lines();
    }

    long keyOn(int shard, int n) {
        return proxy.keyOn(shard, n);
    }

    @Override
    public void close() {
        proxy.close();
        try {
            node.execute("DROP DATABASE `" + schema + "`");
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
