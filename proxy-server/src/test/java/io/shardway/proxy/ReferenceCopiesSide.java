package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Looks at the copies of a reference table on the nodes themselves. */
final class ReferenceCopiesSide {

    private final TestProxy proxy;

    ReferenceCopiesSide(TestProxy proxy) {
        this.proxy = proxy;
    }

    List<String> rows(int shard, String sql) throws SQLException {
        try (Connection node = proxy.onShard(shard)) {
            return rows(node, sql);
        }
    }

    static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = result(statement, sql)) {
            var all = new ArrayList<String>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                var row = new ArrayList<String>();
                for (int column = 1; column <= columns; column++) {
                    row.add(rows.getString(column));
                }
                all.add(String.join("|", row));
            }
            return all;
        }
    }

    /** The driver does not know which statements of the proxy's own give rows. */
    private static ResultSet result(Statement statement, String sql) throws SQLException {
        statement.execute(sql);
        return statement.getResultSet();
    }

    /** All copies have these rows, row by row, and the same last write; returns the rows. */
    List<String> assertEqual(String table) throws SQLException {
        String sql = "SELECT * FROM " + table + " ORDER BY 1";
        List<String> first = rows(1, sql);
        for (int shard = 2; shard <= proxy.cluster().shardCount(); shard++) {
            assertThat(rows(shard, sql)).as("shard " + shard).isEqualTo(first);
            assertThat(number(shard, table)).isEqualTo(number(1, table));
        }
        return first;
    }

    boolean areEqual(String table) throws SQLException {
        String sql = "SELECT * FROM " + table + " ORDER BY 1";
        for (int shard = 2; shard <= proxy.cluster().shardCount(); shard++) {
            if (!rows(shard, sql).equals(rows(1, sql))
                    || !number(shard, table).equals(number(1, table))) {
                return false;
            }
        }
        return true;
    }

    String number(int shard, String table) throws SQLException {
        return String.join(
                "",
                rows(
                        shard,
                        "SELECT writes, HEX(write_id) FROM shardway.reference_copies"
                                + " WHERE keyspace_name = '%s' AND table_name = '%s'"
                                        .formatted(proxy.keyspace(), table)));
    }
}
