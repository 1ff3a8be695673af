package io.shardway.router.schema;

/**
 * One column as information_schema.columns tells it. Immutable.
 *
 * @param columnType such as {@code bigint unsigned}
 * @param collation empty for columns without one
 * @param generated MySQL makes its values of other columns
 */
public record ColumnSchema(
        String name,
        String dataType,
        String columnType,
        String collation,
        boolean nullable,
        boolean autoIncrement,
        boolean generated) {

    /** A column that holds what was written to it. */
    public ColumnSchema(
            String name,
            String dataType,
            String columnType,
            String collation,
            boolean nullable,
            boolean autoIncrement) {
        this(name, dataType, columnType, collation, nullable, autoIncrement, false);
    }
}
