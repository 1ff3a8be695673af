package io.shardway.difftest;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a client sees of a statement: columns and rows or the number of rows affected, warnings, or
 * the error. Immutable.
 *
 * @param rows every cell as text and as bytes
 * @param affected -1 where there are rows, or an error
 * @param error empty, or number, SQL state and message
 */
public record Answer(
        List<String> columns,
        List<String> rows,
        long affected,
        List<String> warnings,
        String error) {

    private static final Pattern MARKS = Pattern.compile("\\p{M}");

    public Answer {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        warnings = List.copyOf(warnings);
    }

    /**
     * Asks for it.
     *
     * @param schema is written as SCHEMA
     * @param written with values in braces; they are parameters where it is prepared
     */
    public static Answer of(
            Connection connection, String schema, String written, boolean prepared) {
        return of(
                connection,
                schema,
                prepared ? Bound.of(written) : new Bound(Bound.text(written), List.of()),
                prepared);
    }

    /** The same of SQL in which braces are braces. */
    public static Answer verbatim(
            Connection connection, String schema, String sql, boolean prepared) {
        return of(connection, schema, new Bound(sql, List.of()), prepared);
    }

    private static Answer of(Connection connection, String schema, Bound bound, boolean prepared) {
        try {
            return prepared
                    ? prepared(connection, schema, bound)
                    : text(connection, schema, bound.sql());
        } catch (SQLException refused) {
            String message = String.valueOf(refused.getMessage()).replace(schema, "SCHEMA");
            return new Answer(
                    List.of(),
                    List.of(),
                    -1,
                    List.of(),
                    refused.getErrorCode() + " " + refused.getSQLState() + " " + message);
        }
    }

    private static Answer text(Connection connection, String schema, String sql)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return read(statement, statement.execute(sql), schema);
        }
    }

    private static Answer prepared(Connection connection, String schema, Bound bound)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(bound.sql())) {
            bound.bind(statement);
            return read(statement, statement.execute(), schema);
        }
    }

    private static Answer read(Statement statement, boolean hasRows, String schema)
            throws SQLException {
        if (!hasRows) {
            long affected = statement.getLargeUpdateCount();
            return new Answer(List.of(), List.of(), affected, warnings(statement), "");
        }
        try (ResultSet result = statement.getResultSet()) {
            ResultSetMetaData meta = result.getMetaData();
            var columns = new ArrayList<String>();
            for (int column = 1; column <= meta.getColumnCount(); column++) {
                columns.add(column(meta, column).replace(schema, "SCHEMA"));
            }
            var rows = new ArrayList<String>();
            while (result.next()) {
                rows.add(row(result, meta.getColumnCount()));
            }
            return new Answer(columns, rows, -1, warnings(statement), "");
        }
    }

    private static String column(ResultSetMetaData meta, int column) throws SQLException {
        return String.join(
                " ",
                meta.getColumnLabel(column),
                meta.getColumnName(column),
                meta.getTableName(column),
                meta.getCatalogName(column),
                meta.getColumnTypeName(column),
                meta.getColumnClassName(column),
                "" + meta.getColumnType(column),
                "" + meta.getPrecision(column),
                "" + meta.getScale(column),
                "" + meta.getColumnDisplaySize(column),
                "" + meta.isNullable(column),
                "" + meta.isSigned(column),
                "" + meta.isAutoIncrement(column),
                "" + meta.isCaseSensitive(column));
    }

    private static String row(ResultSet result, int columns) throws SQLException {
        var row = new ArrayList<String>();
        for (int column = 1; column <= columns; column++) {
            byte[] bytes = result.getBytes(column);
            row.add(
                    bytes == null
                            ? "NULL"
                            : result.getString(column) + " " + HexFormat.of().formatHex(bytes));
        }
        return row.toString();
    }

    private static List<String> warnings(Statement statement) throws SQLException {
        var warnings = new ArrayList<String>();
        SQLWarning each = statement.getWarnings();
        while (each != null) {
            warnings.add(each.getErrorCode() + " " + each.getMessage());
            each = each.getNextWarning();
        }
        return warnings;
    }

    public boolean isError() {
        return !error.isEmpty();
    }

    public boolean isRefusedByProxy() {
        return error.contains("SW-");
    }

    boolean isTimeout() {
        return error.startsWith("3024 ");
    }

    /** The same without an order of rows and warnings. */
    public Answer sorted() {
        return new Answer(columns, sorted(rows), affected, sorted(warnings), error);
    }

    /** The same without an order of the warnings, which is that in which rows are read. */
    public Answer withSortedWarnings() {
        return new Answer(columns, rows, affected, sorted(warnings), error);
    }

    Answer withoutWarnings() {
        return new Answer(columns, rows, affected, List.of(), error);
    }

    /** Without the cells' bytes, which are those of a type, and without columns. */
    Answer values() {
        List<String> values =
                rows.stream().map(row -> row.replaceAll(" [0-9a-f]*(?=[,\\]])", "")).toList();
        return new Answer(List.of(), values, affected, warnings, error);
    }

    /** The values, where letters of one base are one, and the zeros. */
    Answer folded() {
        List<String> folded =
                values().rows().stream()
                        .map(row ->
                                MARKS.matcher(Normalizer.normalize(row, Normalizer.Form.NFD))
                                        .replaceAll("")
                                        .toLowerCase(Locale.ROOT)
                                        .replace("ß", "ss")
                                        .replaceAll("(?<=[\\[ ])-0\\.0(?=[,\\]])", "0.0")
                                        .replaceAll(" +(?=[,\\]])", ""))
                        .toList();
        return new Answer(List.of(), folded, affected, warnings, error);
    }

    List<String> labels() {
        return columns.stream().map(column -> column.split(" ", 2)[0]).toList();
    }

    private static List<String> sorted(List<String> lines) {
        var copy = new ArrayList<>(lines);
        Collections.sort(copy);
        return copy;
    }
}
