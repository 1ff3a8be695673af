package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.router.sql.QuotedName;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;

/** Reads user variables back from a connection as literals that make the same values elsewhere. */
final class UserVariables {

    private static final int COLUMNS_EACH = 3;

    private UserVariables() {}

    /**
     * @param names without {@code @}
     * @param receiver takes the literal of each variable by {@code @name}, NULL as an empty value;
     *     nothing if the connection was lost
     */
    static void read(
            BackendConnection connection,
            List<String> names,
            Consumer<Optional<Map<String, Optional<String>>>> receiver) {
        var select = new StringJoiner(", ", "SELECT ", "");
        for (String name : names) {
            String quoted = "@" + QuotedName.of(name);
            select.add(quoted).add("HEX(" + quoted + ")").add("COLLATION(" + quoted + ")");
        }
        connection.query(
                select.toString(),
                answer ->
                        receiver.accept(
                                answer instanceof CollectedAnswer.Rows rows && rows.rowCount() == 1
                                        ? Optional.of(literals(names, rows))
                                        : Optional.empty()));
    }

    private static Map<String, Optional<String>> literals(
            List<String> names, CollectedAnswer.Rows rows) {
        var values = new HashMap<String, Optional<String>>();
        for (int i = 0; i < names.size(); i++) {
            values.put("@" + names.get(i), literal(rows, i * COLUMNS_EACH));
        }
        return values;
    }

    private static Optional<String> literal(CollectedAnswer.Rows rows, int column) {
        byte[] value = rows.cell(0, column);
        if (value == null) {
            return Optional.empty();
        }
        String text = new String(value, StandardCharsets.ISO_8859_1);
        return Optional.of(
                switch (rows.types().get(column)) {
                    case ColumnTypes.LONGLONG ->
                            (rows.flags().get(column) & ColumnTypes.UNSIGNED_FLAG) == 0
                                    ? text
                                    : unsigned(text);
                    case ColumnTypes.NEWDECIMAL -> text.contains(".") ? text : text + ".";
                    case ColumnTypes.DOUBLE -> text.contains("e") ? text : text + "e0";
                    default -> string(rows, column);
                });
    }

    /** A plain number would be signed, and less than 0 where this is an error. */
    static String unsigned(String digits) {
        return "CAST(" + digits + " AS UNSIGNED)";
    }

    private static String string(CollectedAnswer.Rows rows, int column) {
        byte[] hex = rows.cell(0, column + 1);
        byte[] collation = rows.cell(0, column + 2);
        String bytes = hex == null ? "" : new String(hex, StandardCharsets.US_ASCII);
        String name =
                collation == null ? "binary" : new String(collation, StandardCharsets.US_ASCII);
        if (name.equals("binary")) {
            return "_binary X'" + bytes + "'";
        }
        int end = name.indexOf('_');
        String charset = end < 0 ? name : name.substring(0, end);
        return "_" + charset + " X'" + bytes + "' COLLATE " + name;
    }
}
