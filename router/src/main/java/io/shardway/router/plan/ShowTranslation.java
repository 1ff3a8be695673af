package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * SHOW statements that are answered from information_schema, as MySQL itself does, because nodes
 * would show too much, or one shard's part only. Stateless.
 */
final class ShowTranslation {

    private static final List<Map.Entry<String, String>> TABLE_STATUS =
            List.of(
                    Map.entry("TABLE_NAME", "Name"),
                    Map.entry("ENGINE", "Engine"),
                    Map.entry("VERSION", "Version"),
                    Map.entry("ROW_FORMAT", "Row_format"),
                    Map.entry("TABLE_ROWS", "Rows"),
                    Map.entry("AVG_ROW_LENGTH", "Avg_row_length"),
                    Map.entry("DATA_LENGTH", "Data_length"),
                    Map.entry("MAX_DATA_LENGTH", "Max_data_length"),
                    Map.entry("INDEX_LENGTH", "Index_length"),
                    Map.entry("DATA_FREE", "Data_free"),
                    Map.entry("AUTO_INCREMENT", "Auto_increment"),
                    Map.entry("CREATE_TIME", "Create_time"),
                    Map.entry("UPDATE_TIME", "Update_time"),
                    Map.entry("CHECK_TIME", "Check_time"),
                    Map.entry("TABLE_COLLATION", "Collation"),
                    Map.entry("CHECKSUM", "Checksum"),
                    Map.entry("CREATE_OPTIONS", "Create_options"),
                    Map.entry("TABLE_COMMENT", "Comment"));

    private static final List<Map.Entry<String, String>> ROUTINE_STATUS =
            List.of(
                    Map.entry("ROUTINE_SCHEMA", "Db"),
                    Map.entry("ROUTINE_NAME", "Name"),
                    Map.entry("ROUTINE_TYPE", "Type"),
                    Map.entry("DEFINER", "Definer"),
                    Map.entry("LAST_ALTERED", "Modified"),
                    Map.entry("CREATED", "Created"),
                    Map.entry("SECURITY_TYPE", "Security_type"),
                    Map.entry("ROUTINE_COMMENT", "Comment"),
                    Map.entry("CHARACTER_SET_CLIENT", "character_set_client"),
                    Map.entry("COLLATION_CONNECTION", "collation_connection"),
                    Map.entry("DATABASE_COLLATION", "Database Collation"));

    private static final List<Map.Entry<String, String>> EVENTS =
            List.of(
                    Map.entry("EVENT_SCHEMA", "Db"),
                    Map.entry("EVENT_NAME", "Name"),
                    Map.entry("DEFINER", "Definer"),
                    Map.entry("TIME_ZONE", "Time zone"),
                    Map.entry("EVENT_TYPE", "Type"),
                    Map.entry("EXECUTE_AT", "Execute at"),
                    Map.entry("INTERVAL_VALUE", "Interval value"),
                    Map.entry("INTERVAL_FIELD", "Interval field"),
                    Map.entry("STARTS", "Starts"),
                    Map.entry("ENDS", "Ends"),
                    Map.entry("STATUS", "Status"),
                    Map.entry("ORIGINATOR", "Originator"),
                    Map.entry("CHARACTER_SET_CLIENT", "character_set_client"),
                    Map.entry("COLLATION_CONNECTION", "collation_connection"),
                    Map.entry("DATABASE_COLLATION", "Database Collation"));

    private static final List<Map.Entry<String, String>> DATABASES =
            List.of(Map.entry("SCHEMA_NAME", "Database"));

    private ShowTranslation() {}

    /**
     * @param keyspace what the statement looks into
     */
    static Optional<SchemaReading> of(List<Token> tokens, Optional<String> keyspace) {
        if (tokens.stream().anyMatch(token -> token.kind() == Token.Kind.HINT)) {
            return Optional.empty();
        }
        var reader = new TokenReader(tokens);
        reader.take("show");
        if (keyspace.isPresent() && reader.take("table", "status")) {
            String select = "TABLE_SCHEMA = " + schema(keyspace.get());
            return translated(
                    tokens,
                    reader.takeAny("from", "in") ? 5 : 3,
                    select(InformationSchema.TABLES, TABLE_STATUS, select),
                    "Name");
        }
        if (keyspace.isPresent() && reader.take("events")) {
            String select = "EVENT_SCHEMA = " + schema(keyspace.get());
            return translated(
                    tokens,
                    reader.takeAny("from", "in") ? 4 : 2,
                    select(InformationSchema.EVENTS, EVENTS, select),
                    "Name");
        }
        for (String type : List.of("procedure", "function")) {
            if (reader.take(type, "status")) {
                String condition = "ROUTINE_TYPE = '" + type.toUpperCase(Locale.ROOT) + "'";
                return translated(
                        tokens,
                        3,
                        select(InformationSchema.ROUTINES, ROUTINE_STATUS, condition),
                        "Db, Type, Name");
            }
        }
        return reader.takeAny("databases", "schemas")
                ? translated(
                        tokens,
                        2,
                        select(InformationSchema.SCHEMATA, DATABASES, "TRUE"),
                        "`Database`")
                : Optional.empty();
    }

    /** MySQL takes the name of this one schema in any case. */
    private static String schema(String name) {
        return SchemaText.quoted(InformationSchema.isNamed(name) ? InformationSchema.NAME : name);
    }

    private static SchemaReading.Piece select(
            String table, List<Map.Entry<String, String>> columns, String condition) {
        var list = new ArrayList<String>();
        columns.forEach(
                column -> list.add("`%s` AS `%s`".formatted(column.getKey(), column.getValue())));
        return new SchemaReading.Piece(
                0,
                0,
                "SELECT * FROM (SELECT " + String.join(", ", list) + " FROM ",
                Optional.of(table),
                " AS s WHERE " + condition + ") AS `" + table + "`");
    }

    /**
     * @param head how many tokens the SELECT takes the place of; LIKE or WHERE may follow
     */
    private static Optional<SchemaReading> translated(
            List<Token> tokens, int head, SchemaReading.Piece select, String order) {
        var pieces = new ArrayList<SchemaReading.Piece>();
        pieces.add(
                new SchemaReading.Piece(0, head, select.before(), select.table(), select.after()));
        if (tokens.size() > head) {
            Token next = tokens.get(head);
            if (next.isWord("like")) {
                String column =
                        select.table().equals(Optional.of(InformationSchema.SCHEMATA))
                                ? "`Database`"
                                : "Name";
                pieces.add(SchemaReading.insertion(head, "WHERE " + column + " "));
            } else if (!next.isWord("where")) {
                return Optional.empty(); // For MySQL's own syntax error.
            }
        }
        pieces.add(SchemaReading.insertion(tokens.size(), " ORDER BY " + order));
        return Optional.of(
                new SchemaReading(
                        pieces, select.table().equals(Optional.of(InformationSchema.TABLES))));
    }
}
