package io.shardway.router.plan;

import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnAttributeContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DataTypeContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.KeyPartContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.KeyPartWithExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ReferenceOptionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableConstraintDefContext;

/**
 * What a table must be like to live on several shards: its key column tells every two stored values
 * apart, its unique keys can be kept within one shard, and its foreign keys stay on one shard.
 * Immutable.
 */
record DefinitionRules(
        TableDefinition definition,
        TableKind kind,
        Optional<String> shardKey,
        String table,
        KeyspaceSchema schema,
        String keyspace) {

    private static final Set<String> INTEGERS =
            Set.of("TINYINT", "SMALLINT", "MEDIUMINT", "MIDDLEINT", "INT", "INTEGER", "BIGINT");
    private static final String NO_PAD = "utf8mb4_0900_bin";

    void check(TableResolver tables) {
        if (!definition.engine().isEmpty() && !definition.engine().equals("INNODB")) {
            throw TableDefinition.refused("its engine must be InnoDB");
        }
        shardKey.ifPresent(this::checkShardKey);
        for (TableConstraintDefContext constraint : definition.constraints()) {
            if (constraint.FOREIGN() != null) {
                checkForeignKey(constraint, tables);
            } else if (constraint.PRIMARY() != null || constraint.UNIQUE() != null) {
                checkUnique(constraint);
            }
        }
    }

    private void checkShardKey(String key) {
        ColumnDefinitionContext column = definition.column(key).orElseThrow();
        if (column.fieldDefinition().AS() != null) {
            throw TableDefinition.refused("the shard key " + key + " is a generated column");
        }
        checkType(key, column);
        if (!isNotNull(key, column)) {
            throw TableDefinition.refused("the shard key " + key + " must be NOT NULL");
        }
        for (ColumnDefinitionContext each : definition.columns()) {
            boolean unique = attributes(each).stream().anyMatch(DefinitionRules::isUnique);
            String name = Names.of(each.identifier());
            if (unique && !name.equalsIgnoreCase(key)) {
                requireUniqueInShard(name, isAutoIncrement(each));
            }
        }
    }

    private static List<ColumnAttributeContext> attributes(ColumnDefinitionContext column) {
        return column.fieldDefinition().columnAttribute();
    }

    private static boolean isUnique(ColumnAttributeContext attribute) {
        return attribute.KEY() != null || attribute.UNIQUE() != null || attribute.SERIAL() != null;
    }

    private static boolean isAutoIncrement(ColumnDefinitionContext column) {
        return typeName(column).equals("SERIAL")
                || attributes(column).stream()
                        .anyMatch(each -> each.AUTO_INCREMENT() != null || each.SERIAL() != null);
    }

    private static String typeName(ColumnDefinitionContext column) {
        return column.fieldDefinition().dataType().getStart().getText().toUpperCase(Locale.ROOT);
    }

    private void checkType(String key, ColumnDefinitionContext column) {
        DataTypeContext type = column.fieldDefinition().dataType();
        String name = typeName(column);
        boolean fits;
        if (INTEGERS.contains(name)) {
            fits = !type.getText().toUpperCase(Locale.ROOT).contains("ZEROFILL");
        } else if (name.equals("VARCHAR")) {
            fits = isNoPad(column);
        } else {
            fits = Set.of("BINARY", "VARBINARY", "SERIAL").contains(name);
        }
        if (!fits) {
            throw TableDefinition.refused(
                    "the shard key "
                            + key
                            + " must be an integer without ZEROFILL, BINARY, VARBINARY, or VARCHAR"
                            + " with COLLATE "
                            + NO_PAD
                            + " written in the statement");
        }
    }

    /** The collation must be written; defaults of the database are not asked. */
    private boolean isNoPad(ColumnDefinitionContext column) {
        boolean charset = column.fieldDefinition().dataType().charsetWithOptBinary() != null;
        Optional<String> own =
                attributes(column).stream()
                        .filter(each -> each.collateClause() != null)
                        .map(each -> each.collateClause().collationName())
                        .filter(name -> name != null)
                        .map(name -> name.getText().toLowerCase(Locale.ROOT))
                        .findFirst();
        return own.map(NO_PAD::equals).orElse(!charset && definition.collation().equals(NO_PAD));
    }

    private boolean isNotNull(String key, ColumnDefinitionContext column) {
        boolean stated =
                attributes(column).stream()
                        .anyMatch(each ->
                                each.NOT() != null && each.NULL() != null
                                        || each.KEY() != null && each.UNIQUE() == null);
        boolean primary =
                definition.constraints().stream()
                        .filter(each -> each.PRIMARY() != null)
                        .anyMatch(each -> parts(each).stream().anyMatch(key::equalsIgnoreCase));
        return stated || primary || typeName(column).equals("SERIAL");
    }

    private static List<String> parts(TableConstraintDefContext constraint) {
        return constraint.keyListWithExpression().keyPartWithExpression().stream()
                .map(KeyPartWithExpressionContext::keyPart)
                .filter(part -> part != null && part.fieldLength() == null)
                .map(part -> Names.of(part.columnName()))
                .toList();
    }

    private void checkUnique(TableConstraintDefContext constraint) {
        if (shardKey.isEmpty()) {
            return;
        }
        List<String> parts = parts(constraint);
        if (parts.stream().noneMatch(shardKey.get()::equalsIgnoreCase)) {
            boolean drawn =
                    parts.stream()
                            .flatMap(name -> definition.column(name).stream())
                            .anyMatch(DefinitionRules::isAutoIncrement);
            requireUniqueInShard(String.join(", ", parts), drawn);
        }
    }

    private void requireUniqueInShard(String columns, boolean autoIncrement) {
        if (!autoIncrement && !definition.isLocalUnique()) {
            throw TableDefinition.refused(
                    "the unique key ("
                            + columns
                            + ") does not contain the shard key: add "
                            + shardKey.orElse("")
                            + " to it, or write COMMENT 'shardway:local-unique' if values never"
                            + " repeat over shards");
        }
    }

    private void checkForeignKey(TableConstraintDefContext constraint, TableResolver tables) {
        var reference = constraint.referenceDefinition();
        if (kind != TableKind.SINGLE && reference.onUpdateDelete() != null) {
            for (ReferenceOptionContext option : reference.onUpdateDelete().referenceOption()) {
                if (option.CASCADE() != null || option.SET() != null) {
                    throw TableDefinition.refused(
                            "a foreign key with CASCADE or SET changes rows unseen by the binlog;"
                                    + " use RESTRICT");
                }
            }
        }
        Names.Table parent = Names.table(reference.tableName());
        if (!parent.keyspace().isEmpty() && !parent.keyspace().equals(keyspace)) {
            throw TableDefinition.refused("a foreign key into another keyspace");
        }
        boolean self = parent.name().equals(table);
        Optional<TableSchema> other = schema.table(parent.name());
        if (other.isEmpty() && !self) {
            throw TableResolver.unknown(tables.keyspaceOf(parent), parent);
        }
        TableKind parentKind = other.map(TableSchema::kind).orElse(kind);
        boolean stays =
                switch (kind) {
                    case SINGLE -> parentKind != TableKind.SHARDED;
                    case REFERENCE -> parentKind == TableKind.REFERENCE;
                    case SHARDED ->
                            parentKind == TableKind.REFERENCE
                                    || parentKind == TableKind.SHARDED
                                            && joinsKeys(
                                                    constraint,
                                                    other.flatMap(TableSchema::key)
                                                            .map(TableSchema.Key::column)
                                                            .or(this::shardKey));
                };
        if (!stays) {
            throw TableDefinition.refused(
                    "the rows a foreign key points to must be on the same shard: let it contain"
                            + " the shard keys of both tables, or point to a reference table");
        }
    }

    private boolean joinsKeys(TableConstraintDefContext constraint, Optional<String> parentKey) {
        List<String> own = columns(constraint.keyParts().keyPart());
        List<String> theirs = columns(constraint.referenceDefinition().keyParts().keyPart());
        for (int index = 0; index < own.size() && index < theirs.size(); index++) {
            if (own.get(index).equalsIgnoreCase(shardKey.orElseThrow())
                    && theirs.get(index).equalsIgnoreCase(parentKey.orElseThrow())) {
                return true;
            }
        }
        return false;
    }

    private static List<String> columns(List<KeyPartContext> parts) {
        return parts.stream().map(part -> Names.of(part.columnName())).toList();
    }
}
