package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.MySqlNode;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Two proxies on one cluster with two sharded keyspaces, for tests of accounts. */
final class AccountFixture implements AutoCloseable {

    static final int CUT_OFF = -1;

    final TestProxy first;
    final TestProxy second;

    /** The keyspace beside {@link TestProxy#keyspace}. */
    final String other;

    AccountFixture() throws SQLException {
        first = TestProxy.start();
        second = first.another(Map.of());
        other = first.keyspace() + "b";
        for (int shard = 1; shard <= first.cluster().shardCount(); shard++) {
            MySqlNode node = first.cluster().primary(shard);
            try (Connection connection = node.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE `" + other + "`");
            }
        }
        first.proxy().store().update(this::withOther);
        NodeSide.until("both serve it", () -> serves(first) && serves(second));
        for (String keyspace : List.of(first.keyspace(), other)) {
            admin(
                    "CREATE TABLE %s.t (user_id BIGINT NOT NULL PRIMARY KEY, a INT)"
                            .formatted(keyspace));
        }
    }

    private Topology withOther(Topology before) {
        var keyspaces = new HashMap<>(before.keyspaces());
        keyspaces.put(
                other,
                new Keyspace(
                        other,
                        Optional.of("user_id"),
                        Keyspace.DEFAULT_ID_STRIDE,
                        new SchemaEpoch(1),
                        Map.of()));
        return new Topology(
                before.epoch(),
                before.shards(),
                before.defaultShard(),
                before.bucketMap(),
                keyspaces);
    }

    private boolean serves(TestProxy proxy) {
        return proxy.proxy().serving().catalog().has(other);
    }

    /** As admin on the first proxy. */
    void admin(String sql) throws SQLException {
        admin(first, sql);
    }

    void admin(TestProxy proxy, String sql) throws SQLException {
        try (Connection connection = proxy.connectAsAdmin();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The keyspaces in place of {@code {own}} and {@code {other}}. */
    String named(String sql) {
        return sql.replace("{own}", first.keyspace()).replace("{other}", other);
    }

    /** Without a current keyspace. */
    static Connection connect(TestProxy proxy, String user, String password, String parameters)
            throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:%d/?allowPublicKeyRetrieval=true&%s"
                        .formatted(proxy.proxy().port(), parameters),
                user,
                password);
    }

    static Connection connect(TestProxy proxy, String user, String password) throws SQLException {
        return connect(proxy, user, password, "");
    }

    /** MySQL's error number; 0 if it works, {@link #CUT_OFF} if nothing is answered. */
    static int code(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return 0;
        } catch (SQLException refused) {
            return codeOf(refused);
        }
    }

    static int loginCode(TestProxy proxy, String user, String password, String parameters) {
        try (Connection connection = connect(proxy, user, password, parameters)) {
            assertThat(connection.isValid(10)).isTrue();
            return 0;
        } catch (SQLException refused) {
            return codeOf(refused);
        }
    }

    static int loginCode(TestProxy proxy, String user, String password) {
        return loginCode(proxy, user, password, "");
    }

    /** A driver that was cut off has no number to tell. */
    private static int codeOf(SQLException refused) {
        return refused.getErrorCode() == 0 ? CUT_OFF : refused.getErrorCode();
    }

    /** The first column. */
    static List<String> column(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = rows(statement, sql)) {
            var values = new ArrayList<String>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    /** The driver takes SHARDWAY for a statement that answers no rows. */
    private static ResultSet rows(Statement statement, String sql) throws SQLException {
        statement.execute(sql);
        return statement.getResultSet();
    }

    @Override
    public void close() {
        second.close();
        first.close();
    }
}
