package io.shardway.router.plan;

import java.util.List;
import java.util.Locale;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnAttributeContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.FieldDefinitionContext;

/** What a column's definition says of keys and ids. Stateless. */
final class ColumnRules {

    private ColumnRules() {}

    static List<ColumnAttributeContext> attributes(FieldDefinitionContext field) {
        return field.columnAttribute();
    }

    static String typeName(FieldDefinitionContext field) {
        return field.dataType().getStart().getText().toUpperCase(Locale.ROOT);
    }

    /** PRIMARY KEY, KEY, UNIQUE or SERIAL at the column itself. */
    static boolean isUnique(FieldDefinitionContext field) {
        return typeName(field).equals("SERIAL")
                || attributes(field).stream()
                        .anyMatch(each ->
                                each.KEY() != null
                                        || each.UNIQUE() != null
                                        || each.SERIAL() != null);
    }

    static boolean isAutoIncrement(FieldDefinitionContext field) {
        return typeName(field).equals("SERIAL")
                || attributes(field).stream()
                        .anyMatch(each -> each.AUTO_INCREMENT() != null || each.SERIAL() != null);
    }
}
