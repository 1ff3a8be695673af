package io.shardway.proxy.execution;

import io.shardway.router.schema.ColumnSchema;
import java.util.List;

/**
 * The number 0 of an ENUM, which rows have that once were given a text that is no member: MySQL
 * warns of it and stores it all the same. Stateless.
 */
final class EnumZero {

    private static final int TRUNCATED = 1265;

    private EnumZero() {}

    static boolean isEnum(ColumnSchema column) {
        return column.dataType().equalsIgnoreCase("enum");
    }

    /** Whether this warning tells of that in one of these columns. */
    static boolean isWarning(List<ColumnSchema> columns, int code, String message) {
        return code == TRUNCATED
                && columns.stream()
                        .filter(EnumZero::isEnum)
                        .anyMatch(column ->
                                message.startsWith(
                                        "Data truncated for column '"
                                                + column.name()
                                                + "' at row"));
    }
}
