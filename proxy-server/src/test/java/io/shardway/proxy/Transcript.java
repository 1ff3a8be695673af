package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * What a client saw, line by line, with everything that JDBC tells about it. Confined to its
 * thread.
 */
final class Transcript {

    private static final int SHOWN_MAX = 200;

    private static final int RESULTS_MAX = 50;

    private final Map<String, String> replacements;
    private final List<String> lines = new ArrayList<>();

    /** An action of a client that may fail; what it returns is noted. */
    interface Action {
        Object run() throws SQLException;
    }

    Transcript(Map<String, String> replacements) {
        this.replacements = replacements;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    void note(Object what) {
        String line =
                switch (what) {
                    case null -> "null";
                    case byte[] bytes -> bytes(bytes);
                    case int[] numbers -> Arrays.toString(numbers);
                    case long[] numbers -> Arrays.toString(numbers);
                    default -> String.valueOf(what);
                };
        line = replaced(line);
        line = line.replaceAll("@[0-9a-f]{5,8}\\b", "@"); // What Object.toString() adds.
        if (line.length() > SHOWN_MAX * 4) {
            var sum = new CRC32();
            sum.update(line.getBytes(UTF_8));
            line = line.substring(0, SHOWN_MAX) + "... " + line.length() + " crc " + sum.getValue();
        }
        lines.add(line);
    }

    private String bytes(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        for (var replacement : replacements.entrySet()) {
            hex =
                    hex.replace(
                            HexFormat.of().formatHex(replacement.getKey().getBytes(UTF_8)),
                            replacement.getValue());
        }
        return hex;
    }

    private String replaced(String line) {
        String now = line;
        for (var replacement : replacements.entrySet()) {
            now = now.replace(replacement.getKey(), replacement.getValue());
        }
        return now;
    }

    /** Notes what the action returns, or the error. */
    void attempt(Action action) {
        try {
            note(action.run());
        } catch (BatchUpdateException failed) {
            note(Arrays.toString(failed.getUpdateCounts()));
            error(failed);
        } catch (SQLException failed) {
            error(failed);
        } catch (DateTimeException failed) {
            note(failed);
        }
    }

    void error(SQLException failed) {
        note(
                "%s %d %s %s"
                        .formatted(
                                failed.getClass().getSimpleName(),
                                failed.getErrorCode(),
                                failed.getSQLState(),
                                failed.getMessage()));
    }

    /** Executes and notes every result there is, with warnings. */
    void run(Statement statement, String sql) {
        note("> " + sql);
        try {
            results(statement, statement.execute(sql));
        } catch (SQLException failed) {
            error(failed);
        }
    }

    void results(Statement statement, boolean first) throws SQLException {
        boolean rows = first;
        for (int i = 0; i < RESULTS_MAX; i++) {
            if (rows) {
                rows(statement.getResultSet());
            } else {
                long count = statement.getLargeUpdateCount();
                if (count < 0) {
                    break;
                }
                note("update count " + count);
            }
            rows = statement.getMoreResults();
        }
        warnings(statement.getWarnings());
    }

    void warnings(SQLWarning first) {
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            note(
                    "warning %d %s %s"
                            .formatted(
                                    warning.getErrorCode(),
                                    warning.getSQLState(),
                                    warning.getMessage()));
        }
    }

    /** Notes metadata and all rows, and closes. */
    void rows(ResultSet rows) throws SQLException {
        try (rows) {
            ResultSetMetaData meta = rows.getMetaData();
            metadata(meta);
            while (rows.next()) {
                row(rows, meta.getColumnCount());
            }
        }
    }

    void metadata(ResultSetMetaData meta) throws SQLException {
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            note(
                    String.join(
                            " ",
                            meta.getColumnLabel(i),
                            meta.getColumnName(i),
                            meta.getTableName(i),
                            meta.getCatalogName(i),
                            meta.getColumnTypeName(i),
                            meta.getColumnClassName(i),
                            "" + meta.getColumnType(i),
                            "" + meta.getPrecision(i),
                            "" + meta.getScale(i),
                            "" + meta.getColumnDisplaySize(i),
                            "" + meta.isNullable(i),
                            "" + meta.isSigned(i),
                            "" + meta.isAutoIncrement(i),
                            "" + meta.isCaseSensitive(i)));
        }
    }

    void row(ResultSet rows, int columns) {
        for (int i = 1; i <= columns; i++) {
            int column = i;
            attempt(() -> {
                Object value = rows.getObject(column);
                return (value == null ? "" : value.getClass().getSimpleName() + " ")
                        + (value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value)
                        + " "
                        + rows.wasNull();
            });
            attempt(() -> rows.getString(column));
            attempt(() -> rows.getBytes(column));
        }
    }
}
