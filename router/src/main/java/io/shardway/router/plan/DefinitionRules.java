package io.shardway.router.plan;

import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.topology.TableKind;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DataTypeContext;

/**
 * What a new table must be like to live on several shards: its key column tells every two stored
 * values apart, its unique keys can be kept within one shard, and its foreign keys stay on one
 * shard. Immutable.
 */
record DefinitionRules(
        TableDefinition definition,
        TableKind kind,
        Optional<String> shardKey,
        String table,
        KeyspaceSchema schema) {

    private static final Set<String> INTEGERS =
            Set.of("TINYINT", "SMALLINT", "MEDIUMINT", "MIDDLEINT", "INT", "INTEGER", "BIGINT");
    private static final String NO_PAD = "utf8mb4_0900_bin";

    void check() {
        definition.options().requireInnoDb();
        var keys =
                new KeyRules(
                        table,
                        kind,
                        shardKey,
                        definition.directives().isLocalUnique(),
                        this::isAutoIncrement,
                        schema);
        shardKey.ifPresent(key -> checkShardKey(key, keys));
        definition.constraints().forEach(keys::check);
    }

    private boolean isAutoIncrement(String name) {
        return definition
                .column(name)
                .filter(column -> ColumnRules.isAutoIncrement(column.fieldDefinition()))
                .isPresent();
    }

    private void checkShardKey(String key, KeyRules keys) {
        ColumnDefinitionContext column = definition.column(key).orElseThrow();
        if (column.fieldDefinition().AS() != null) {
            throw TableDefinition.refused("the shard key " + key + " is a generated column");
        }
        checkType(key, column);
        if (!isNotNull(key, column)) {
            throw TableDefinition.refused("the shard key " + key + " must be NOT NULL");
        }
        for (ColumnDefinitionContext each : definition.columns()) {
            if (ColumnRules.isUnique(each.fieldDefinition())) {
                keys.checkUnique(java.util.List.of(Names.of(each.identifier())));
            }
        }
    }

    private void checkType(String key, ColumnDefinitionContext column) {
        DataTypeContext type = column.fieldDefinition().dataType();
        String name = ColumnRules.typeName(column.fieldDefinition());
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
                ColumnRules.attributes(column.fieldDefinition()).stream()
                        .filter(each -> each.collateClause() != null)
                        .map(each -> each.collateClause().collationName())
                        .filter(name -> name != null)
                        .map(name -> name.getText().toLowerCase(Locale.ROOT))
                        .findFirst();
        return own.map(NO_PAD::equals)
                .orElse(!charset && definition.options().collation().equals(NO_PAD));
    }

    private boolean isNotNull(String key, ColumnDefinitionContext column) {
        boolean stated =
                ColumnRules.attributes(column.fieldDefinition()).stream()
                        .anyMatch(each ->
                                each.NOT() != null && each.NULL() != null
                                        || each.KEY() != null && each.UNIQUE() == null);
        boolean primary =
                definition.constraints().stream()
                        .filter(each -> each.PRIMARY() != null)
                        .anyMatch(each ->
                                KeyRules.parts(each.keyListWithExpression()).stream()
                                        .anyMatch(key::equalsIgnoreCase));
        return stated || primary || ColumnRules.typeName(column.fieldDefinition()).equals("SERIAL");
    }
}
