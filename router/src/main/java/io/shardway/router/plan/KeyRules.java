package io.shardway.router.plan;

import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.TableKind;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.KeyListWithExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.KeyPartContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.KeyPartWithExpressionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ReferenceOptionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableConstraintDefContext;

/**
 * Which unique keys and foreign keys a table may have: those that one shard can keep alone.
 * Immutable.
 *
 * @param table its name
 * @param shardKey present exactly for sharded tables
 * @param localUnique its comment says that values never repeat over shards
 * @param autoIncrement tells columns whose values MySQL draws
 */
record KeyRules(
        String table,
        TableKind kind,
        Optional<String> shardKey,
        boolean localUnique,
        Predicate<String> autoIncrement,
        KeyspaceSchema schema) {

    void check(TableConstraintDefContext constraint) {
        if (constraint.FOREIGN() != null) {
            checkForeignKey(constraint);
        } else if (constraint.PRIMARY() != null || constraint.UNIQUE() != null) {
            checkUnique(constraint.keyListWithExpression());
        }
    }

    void checkUnique(KeyListWithExpressionContext list) {
        checkUnique(parts(list));
    }

    /**
     * @param columns of the key, those with a prefix length left out
     */
    void checkUnique(List<String> columns) {
        if (shardKey.isEmpty() || localUnique) {
            return;
        }
        boolean contains = columns.stream().anyMatch(shardKey.get()::equalsIgnoreCase);
        if (!contains && columns.stream().noneMatch(autoIncrement)) {
            throw TableDefinition.refused(
                    "the unique key ("
                            + String.join(", ", columns)
                            + ") does not contain the shard key: add "
                            + shardKey.get()
                            + " to it, or write COMMENT 'shardway:local-unique' if values never"
                            + " repeat over shards");
        }
    }

    /** The columns that are in a key whole. */
    static List<String> parts(KeyListWithExpressionContext list) {
        return list.keyPartWithExpression().stream()
                .map(KeyPartWithExpressionContext::keyPart)
                .filter(part -> part != null && part.fieldLength() == null)
                .map(part -> Names.of(part.columnName()))
                .toList();
    }

    private void checkForeignKey(TableConstraintDefContext constraint) {
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
        if (!parent.keyspace().isEmpty() && !parent.keyspace().equals(schema.keyspace())) {
            throw TableDefinition.refused("a foreign key into another keyspace");
        }
        boolean self = parent.name().equals(table);
        Optional<TableSchema> other = schema.table(parent.name());
        if (other.isEmpty() && !self) {
            throw TableResolver.unknown(schema.keyspace(), parent);
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
