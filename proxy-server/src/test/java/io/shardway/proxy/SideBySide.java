package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The same statements through the proxy and on a MySQL server directly, compared one by one. The
 * direct side has a schema of its own on shard 1. Not thread-safe.
 */
final class SideBySide implements AutoCloseable {

    private final Connection proxied;
    private final Connection direct;

    private SideBySide(Connection proxied, Connection direct) {
        this.proxied = proxied;
        this.direct = direct;
    }

    static String directSchema(TestProxy proxy) {
        return proxy.keyspace() + "_direct";
    }

    /** Makes the direct schema and runs the statements on both sides, once for a class. */
    static void prepare(TestProxy proxy, String... statements) throws SQLException {
        try (Connection server = proxy.onShard(1);
                Statement statement = server.createStatement()) {
            statement.execute("CREATE DATABASE " + directSchema(proxy));
        }
        try (SideBySide both = open(proxy)) {
            for (String sql : statements) {
                both.same(sql);
            }
        }
    }

    static SideBySide open(TestProxy proxy) throws SQLException {
        return open(proxy, "");
    }

    static SideBySide open(TestProxy proxy, String parameters) throws SQLException {
        String all = "allowMultiQueries=true&" + parameters;
        return new SideBySide(proxy.connect(all), direct(proxy, all));
    }

    /** A connection to the direct schema, of a driver with these parameters. */
    static Connection direct(TestProxy proxy, String parameters) throws SQLException {
        String url = proxy.cluster().primary(1).jdbcUrl(directSchema(proxy));
        String joint = url.contains("?") ? "&" : "?";
        return DriverManager.getConnection(
                url + joint + "allowPublicKeyRetrieval=true&" + parameters,
                "root",
                proxy.cluster().rootPassword());
    }

    /** Runs the statement on both sides and wants equal answers; returns them as text. */
    String same(String sql) throws SQLException {
        String here = describe(proxied, sql);
        String there = describe(direct, sql);
        assertThat(here).as("the proxy's answer to %s", sql).isEqualTo(there);
        return here;
    }

    void same(List<String> statements) throws SQLException {
        for (String sql : statements) {
            same(sql);
        }
    }

    /** The proxy's side, for what only it can say. */
    Connection proxied() {
        return proxied;
    }

    /** MySQL's side. */
    Connection direct() {
        return direct;
    }

    static String describe(Connection connection, String sql) throws SQLException {
        var out = new ArrayList<String>();
        try (Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (true) {
                if (rows) {
                    try (ResultSet result = statement.getResultSet()) {
                        out.add(describe(result));
                    }
                } else if (statement.getUpdateCount() >= 0) {
                    out.add("count " + statement.getUpdateCount());
                } else {
                    break;
                }
                rows = statement.getMoreResults();
            }
        } catch (SQLException refused) {
            out.add(
                    "error "
                            + refused.getErrorCode()
                            + " "
                            + refused.getSQLState()
                            + " "
                            + refused.getMessage());
        }
        return String.join("; ", out);
    }

    private static String describe(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        var out = new StringBuilder();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            out.append(meta.getColumnLabel(i))
                    .append(' ')
                    .append(meta.getColumnTypeName(i))
                    .append(", ");
        }
        while (result.next()) {
            out.append('|');
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                out.append(result.getString(i)).append(", ");
            }
        }
        return out.toString();
    }

    @Override
    public void close() throws SQLException {
        proxied.close();
        direct.close();
    }
}
