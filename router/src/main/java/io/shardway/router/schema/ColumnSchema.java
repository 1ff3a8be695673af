package io.shardway.router.schema;

/**
 * One column as information_schema.columns tells it. Immutable.
 *
 * @param columnType such as {@code bigint unsigned}
 * @param collation empty for columns without one
 */
public record ColumnSchema(
        String name,
        String dataType,
        String columnType,
        String collation,
        boolean nullable,
        boolean autoIncrement) {}
