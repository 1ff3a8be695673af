package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.MySqlNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The same tables in a sharded keyspace behind a proxy and in a schema that clients reach directly:
 * what MySQL would say is what MySQL says. Accounts with the same rights.
 */
final class Twin implements AutoCloseable {

    private static final int DIFFERENCES_MAX = 10;
    private static final String NO_HANGING = "socketTimeout=30000&";

    private final TestProxy proxy;
    private final String keyspace;
    private final MySqlNode node;
    private final String schema;

    private Twin(TestProxy proxy, String keyspace) {
        this.proxy = proxy;
        this.keyspace = keyspace;
        this.node = proxy.cluster().primary(1);
        this.schema = proxy.keyspace() + "_direct";
    }

    /** What is asked of both; all it sees goes into the transcript. */
    interface Conversation {
        void hold(Connection connection, Transcript transcript) throws SQLException;
    }

    static Twin start(String... definitions) throws SQLException {
        TestProxy proxy = TestProxy.start();
        var twin = new Twin(proxy, proxy.keyspace());
        twin.node.execute("CREATE DATABASE `" + twin.schema + "`");
        twin.define(definitions);
        return twin;
    }

    /** The proxy's side is a plain keyspace, made by CREATE DATABASE. */
    static Twin startPlain(String... definitions) throws SQLException {
        TestProxy proxy = TestProxy.start();
        var twin = new Twin(proxy, proxy.keyspace() + "_plain");
        twin.node.execute("CREATE DATABASE `" + twin.schema + "`");
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE `" + twin.keyspace + "`");
        }
        twin.define(definitions);
        return twin;
    }

    /** What the proxy's clients call it. */
    String keyspace() {
        return keyspace;
    }

    /** What it is called on the direct side. */
    String directSchema() {
        return schema;
    }

    MySqlNode node() {
        return node;
    }

    void define(String... definitions) throws SQLException {
        for (Connection connection : List.of(proxied(""), direct(""))) {
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
        return proxy.connectTo(keyspace, NO_HANGING + parameters);
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
            assertThat(differences(expected, transcript(connection, keyspace, conversation)))
                    .as("through the proxy, compared with MySQL; parameters: %s", parameters)
                    .isEmpty();
        }
        return expected;
    }

    /** As {@link #same}; on the proxy's side as this account. */
    void sameAs(String user, String password, String parameters, Conversation conversation)
            throws SQLException {
        compare(
                direct(parameters),
                DriverManager.getConnection(proxy.url(NO_HANGING + parameters), user, password),
                conversation);
    }

    /**
     * As {@link #same}, with MariaDB's driver on both sides. It looks for foreign keys in every
     * schema it is shown, also in those of other tests; so it is shown this one alone.
     */
    void sameWithMariaDb(String parameters, Conversation conversation) throws SQLException {
        String account = "'only_this'@'%'";
        node.execute("CREATE USER %s IDENTIFIED BY 'pw'".formatted(account));
        node.execute("GRANT ALL ON `%s`.* TO %s".formatted(schema, account));
        try {
            String url = "jdbc:mariadb://%s:%d/%s?allowPublicKeyRetrieval=true&%s";
            String direct = url.formatted(node.host(), node.port(), schema, NO_HANGING);
            String proxied = url.formatted("127.0.0.1", proxy.proxy().port(), keyspace, NO_HANGING);
            compare(
                    DriverManager.getConnection(direct + parameters, "only_this", "pw"),
                    DriverManager.getConnection(proxied + parameters, "app", "app"),
                    conversation);
        } finally {
            node.execute("DROP USER " + account);
        }
    }

    private void compare(Connection mysql, Connection shardway, Conversation conversation)
            throws SQLException {
        try (mysql;
                shardway) {
            List<String> expected = derived(transcript(mysql, schema, conversation));
            List<String> actual = derived(transcript(shardway, keyspace, conversation));
            assertThat(differences(expected, actual))
                    .as("through the proxy, compared with MySQL")
                    .isEmpty();
        }
    }

    /** Columns of information_schema come from a derived table, which is in no schema. */
    private static List<String> derived(List<String> lines) {
        return lines.stream().map(line -> line.replace(" information_schema ", "  ")).toList();
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
        var names = new LinkedHashMap<String, String>();
        String definer = "shardway_k_" + schema;
        names.put("`" + definer + "`@`%`", "DEFINER");
        names.put("`root`@`localhost`", "DEFINER");
        names.put(definer + "@%", "DEFINER");
        names.put("root@localhost", "DEFINER");
        names.put(schema, "SCHEMA");
        var transcript = new Transcript(names);
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
