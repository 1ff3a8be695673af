package io.shardway.proxy.execution;

/**
 * JSON values on their way from node to node. They go as text, which does not say all: a decimal of
 * 1.10 is read as 1.1, a date as a string, and both come there by SQL functions only. A row whose
 * value would change makes the SELECT fail. Stateless.
 */
final class JsonText {

    /** ER_INVALID_JSON_TEXT_IN_PARAM. */
    static final int ERROR = 3141;

    private static final String TEXT = "CAST(%s AS CHAR CHARACTER SET utf8mb4)";

    private JsonText() {}

    /**
     * A column's value, or an error.
     *
     * @param types whether values must differ in nothing at all; else those may that are equal and
     *     are written alike
     */
    static String exact(String column, boolean types) {
        String text = TEXT.formatted(column);
        String read = "CAST(" + text + " AS JSON)";
        String same =
                "%s <=> %s AND %s <=> %s COLLATE utf8mb4_bin"
                        .formatted(column, read, text, TEXT.formatted(read));
        String condition = types ? same + " AND NOT " + typed(column) : same;
        return "IF(%s, %s, CAST(CONCAT('!', %s) AS JSON))".formatted(condition, column, text);
    }

    /** Whether there is a value in it that is equal to what is read, but of another type. */
    private static String typed(String column) {
        return """
        EXISTS (SELECT 1 FROM JSON_TABLE(JSON_EXTRACT(%s, '$', '$**.*', '$**[*]'), '$[*]'
          COLUMNS (shardway_v JSON PATH '$')) AS shardway_j
          WHERE JSON_TYPE(shardway_v) <> JSON_TYPE(CAST(%s AS JSON)))\
        """
                .formatted(column, TEXT.formatted("shardway_v"));
    }
}
