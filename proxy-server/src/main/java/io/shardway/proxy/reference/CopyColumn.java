package io.shardway.proxy.reference;

import io.shardway.router.sql.QuotedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A column of a reference table, and how its values travel as text without loss. Immutable.
 *
 * @param characterSet empty for columns that hold no text
 * @param key part of the primary key
 */
record CopyColumn(String name, String type, String characterSet, boolean key) {

    /** All but generated ones, in table order. */
    static List<CopyColumn> of(Connection connection, String schema, String table)
            throws SQLException {
        var columns = new ArrayList<CopyColumn>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT COLUMN_NAME, DATA_TYPE, COALESCE(CHARACTER_SET_NAME, ''), COLUMN_KEY"
                                + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?"
                                + " AND TABLE_NAME = ? AND GENERATION_EXPRESSION = ''"
                                + " ORDER BY ORDINAL_POSITION")) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(
                            new CopyColumn(
                                    rows.getString(1),
                                    rows.getString(2).toLowerCase(Locale.ROOT),
                                    rows.getString(3),
                                    rows.getString(4).equals("PRI")));
                }
            }
        }
        return columns;
    }

    String quoted() {
        return QuotedName.of(name);
    }

    /** An expression for the value as text of ASCII characters. */
    String text() {
        return switch (type) {
            case "float" -> "CAST(CAST(%s AS DOUBLE) AS CHAR)".formatted(quoted());
            case "enum", "set", "bit" -> "CAST(%s + 0 AS CHAR)".formatted(quoted());
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                    "HEX(%s)".formatted(quoted());
            case "json" -> "HEX(CAST(%s AS CHAR CHARACTER SET utf8mb4))".formatted(quoted());
            default ->
                    isPlain()
                            ? "CAST(%s AS CHAR)".formatted(quoted())
                            : "HEX(CAST(%s AS BINARY))".formatted(quoted());
        };
    }

    private boolean isPlain() {
        return switch (type) {
            case "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "double",
                    "year",
                    "date",
                    "datetime",
                    "timestamp",
                    "time" ->
                    true;
            default -> false;
        };
    }

    /** The literal for a value that {@link #text} gave. */
    String literal(String text) {
        return switch (type) {
            case "enum", "set", "bit" -> text;
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                    "_" + characterSet + " x'" + text + "'";
            case "json" -> "CAST(_utf8mb4 x'" + text + "' AS JSON)";
            default -> isPlain() || type.equals("float") ? "'" + text + "'" : "x'" + text + "'";
        };
    }
}
