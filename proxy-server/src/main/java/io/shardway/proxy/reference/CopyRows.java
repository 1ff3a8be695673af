package io.shardway.proxy.reference;

import io.shardway.router.plan.ReferenceTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads one copy as digests: of parts of the table, then of the rows of some parts. A row's part is
 * the CRC32 of its primary key modulo the number of parts, so the parts are the same on every shard
 * whatever the types of the key. Confined to one thread; blocks.
 */
final class CopyRows {

    private static final int ROWS_OF_A_PART = 256;
    private static final int PARTS_MAX = 16_384;

    private final ReferenceTable table;
    private final List<CopyColumn> columns;
    private final int parts;

    private CopyRows(ReferenceTable table, List<CopyColumn> columns, int parts) {
        this.table = table;
        this.columns = columns;
        this.parts = parts;
    }

    /** One part of a copy. */
    record Part(long rows, String digest) {}

    /** With the columns that the default shard has, and parts small enough for both copies. */
    static CopyRows of(Connection first, Connection copy, ReferenceTable table)
            throws SQLException {
        List<CopyColumn> columns = CopyColumn.of(first, table.keyspace(), table.name());
        if (columns.stream().noneMatch(CopyColumn::key)) {
            throw new SQLException("table " + table + " has no primary key");
        }
        long rows = Math.max(count(first, table), count(copy, table));
        long parts = Math.min(PARTS_MAX, rows / ROWS_OF_A_PART + 1);
        return new CopyRows(table, columns, (int) parts);
    }

    static boolean isKeyed(Connection connection, ReferenceTable table) throws SQLException {
        return CopyColumn.of(connection, table.keyspace(), table.name()).stream()
                .anyMatch(CopyColumn::key);
    }

    private static long count(Connection connection, ReferenceTable table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + table.quoted())) {
            row.next();
            return row.getLong(1);
        }
    }

    List<CopyColumn> columns() {
        return columns;
    }

    List<CopyColumn> key() {
        return columns.stream().filter(CopyColumn::key).toList();
    }

    private String keyText() {
        return "CONCAT_WS(',', %s)"
                .formatted(key().stream().map(CopyColumn::text).collect(Collectors.joining(", ")));
    }

    private String rowDigest() {
        return "SHA2(CONCAT_WS(',', %s), 256)"
                .formatted(
                        columns.stream()
                                .map(column -> "COALESCE(" + column.text() + ", '-')")
                                .collect(Collectors.joining(", ")));
    }

    /** All parts that have rows. */
    Map<Integer, Part> parts(Connection connection) throws SQLException {
        String sql =
                "SELECT CRC32(k) %% %d AS part, COUNT(*), HEX(BIT_XOR(UNHEX(d)))".formatted(parts)
                        + " FROM (SELECT %s AS k, %s AS d FROM %s) AS r GROUP BY part"
                                .formatted(keyText(), rowDigest(), table.quoted());
        var found = new TreeMap<Integer, Part>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.put(rows.getInt(1), new Part(rows.getLong(2), rows.getString(3)));
            }
        }
        return found;
    }

    /** The digests of the rows of some parts, by the text of their keys. */
    Map<String, String> digests(Connection connection, Collection<Integer> some)
            throws SQLException {
        String sql =
                "SELECT %s AS k, %s FROM %s WHERE %s"
                        .formatted(keyText(), rowDigest(), table.quoted(), inParts(some));
        var found = new HashMap<String, String>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.put(rows.getString(1), rows.getString(2));
            }
        }
        return found;
    }

    /** For whole rows of some parts: the text of the key, then of each column. */
    String rows(Collection<Integer> some) {
        return "SELECT %s, %s FROM %s WHERE %s"
                .formatted(
                        keyText(),
                        columns.stream().map(CopyColumn::text).collect(Collectors.joining(", ")),
                        table.quoted(),
                        inParts(some));
    }

    private String inParts(Collection<Integer> some) {
        return "CRC32(%s) %% %d IN (%s)"
                .formatted(
                        keyText(),
                        parts,
                        some.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }

    /** The condition that is true of the row with this key only. */
    String where(String key) {
        var conditions = new StringBuilder();
        String[] values = key.split(",", -1);
        List<CopyColumn> keyColumns = key();
        for (int i = 0; i < values.length; i++) {
            CopyColumn column = keyColumns.get(i);
            conditions
                    .append(i == 0 ? "" : " AND ")
                    .append(column.quoted())
                    .append(" = ")
                    .append(column.literal(values[i]));
        }
        return conditions.toString();
    }
}
