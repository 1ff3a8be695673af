package io.shardway.proxy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What a client sees of a read: columns, rows, warnings or the error. Immutable. */
record ReadAnswer(List<String> columns, List<String> rows, List<String> warnings, String error) {

    /**
     * Reads with a statement of the text protocol, or a prepared one.
     *
     * @param schema is written as SCHEMA
     */
    static ReadAnswer of(Connection connection, String schema, String sql, boolean prepared) {
        try (Statement statement =
                prepared ? connection.prepareStatement(sql) : connection.createStatement()) {
            boolean rows =
                    prepared ? ((PreparedStatement) statement).execute() : statement.execute(sql);
            if (!rows) {
                return new ReadAnswer(List.of(), List.of(), List.of(), "no rows");
            }
            try (ResultSet result = statement.getResultSet()) {
                return read(result, statement, schema);
            }
        } catch (SQLException refused) {
            String message = String.valueOf(refused.getMessage()).replace(schema, "SCHEMA");
            return new ReadAnswer(
                    List.of(),
                    List.of(),
                    List.of(),
                    refused.getErrorCode() + " " + refused.getSQLState() + " " + message);
        }
    }

    private static ReadAnswer read(ResultSet result, Statement statement, String schema)
            throws SQLException {
        var transcript = new Transcript(Map.of(schema, "SCHEMA"));
        ResultSetMetaData meta = result.getMetaData();
        transcript.metadata(meta);
        var rows = new ArrayList<String>();
        while (result.next()) {
            var row = new ArrayList<String>();
            for (int column = 1; column <= meta.getColumnCount(); column++) {
                byte[] bytes = result.getBytes(column);
                row.add(
                        bytes == null
                                ? "NULL"
                                : result.getString(column) + " " + HexFormat.of().formatHex(bytes));
            }
            rows.add(row.toString());
        }
        var warnings = new ArrayList<String>();
        for (SQLWarning each = statement.getWarnings();
                each != null;
                each = each.getNextWarning()) {
            warnings.add(each.getErrorCode() + " " + each.getMessage());
        }
        return new ReadAnswer(transcript.lines(), rows, warnings, "");
    }

    /** The same without an order of the rows. */
    ReadAnswer sorted() {
        var copy = new ArrayList<>(rows);
        Collections.sort(copy);
        return new ReadAnswer(columns, copy, warnings, error).withSortedWarnings();
    }

    /** The same without an order of the warnings, which is that in which rows are read. */
    ReadAnswer withSortedWarnings() {
        var copy = new ArrayList<>(warnings);
        Collections.sort(copy);
        return new ReadAnswer(columns, rows, copy, error);
    }

    boolean isRefusedByProxy() {
        return error.contains("SW-");
    }
}
