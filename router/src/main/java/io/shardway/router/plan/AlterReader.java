package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableDirectives;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.TableKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AddColumnContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AddTableConstraintContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterCheckContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterColumnContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterCommandListContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterConstraintContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterConvertContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterListItemContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterRenameTableContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterTableDropContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterTableForceContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.AlterTableOrderContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ChangeColumnContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ColumnDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.CreateTableOptionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.FieldDefinitionContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.IdentifierContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ModifyColumnContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RenameColumnContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.RenameIndexContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.TableElementContext;

/**
 * Reads the parts of an ALTER TABLE and refuses those that would change what decides where rows
 * live. Confined to one call of the planner.
 */
final class AlterReader {

    private static final String NEW_TABLE =
            "; make a new table, fill it with INSERT ... SELECT key by key, and rename";

    private final TableSchema schema;
    private final KeyspaceSchema keyspace;
    private final ParsedSql sql;
    private final List<CreateTableOptionContext> options = new ArrayList<>();
    private final Set<String> newAutoIncrement = new HashSet<>();
    private final List<Runnable> keyChecks = new ArrayList<>();
    private boolean movesColumns;
    private boolean namesKeys;
    private Optional<Names.Table> target = Optional.empty();

    AlterReader(TableSchema schema, KeyspaceSchema keyspace, ParsedSql sql) {
        this.schema = schema;
        this.keyspace = keyspace;
        this.sql = sql;
    }

    void read(AlterCommandListContext commands) {
        if (commands.alterList() == null) {
            return;
        }
        commands.alterList()
                .createTableOptionsSpaceSeparated()
                .forEach(each -> options.addAll(each.createTableOption()));
        commands.alterList().alterListItem().forEach(this::read);
        checkOptions();
        keyChecks.forEach(Runnable::run);
    }

    /** Columns may have other positions afterwards. */
    boolean movesColumns() {
        return movesColumns;
    }

    /** A column gets a name that is a shard key somewhere: names may mean other columns. */
    boolean namesKeys() {
        return namesKeys;
    }

    Optional<String> renamedTo() {
        return target.map(Names.Table::name);
    }

    /** AUTO_INCREMENT = n; 0 if it is not given. */
    long firstKey() {
        return TableOptions.read(options, sql).firstKey();
    }

    Names.Table target() {
        return target.orElseThrow();
    }

    private void read(AlterListItemContext item) {
        switch (item) {
            case AddColumnContext add -> addColumns(add);
            case AddTableConstraintContext add ->
                    keyChecks.add(() -> rules().check(add.tableConstraintDef()));
            case ChangeColumnContext change -> {
                redefine(name(change.columnInternalRef), change.columnDefinition());
            }
            case ModifyColumnContext modify -> {
                String column = name(modify.columnInternalRef);
                redefine(column, column, modify.fieldDefinition());
            }
            case RenameColumnContext rename -> {
                refuseKey(Names.of(rename.oldColumn()), "renamed");
                newName(Names.of(rename.newColumn()));
            }
            case AlterColumnContext alter -> refuseKey(name(alter.columnInternalRef), "changed");
            case AlterTableDropContext drop -> drop(drop);
            case AlterConvertContext _ -> refuseConversion();
            case AlterRenameTableContext rename ->
                    target = Optional.of(Names.table(rename.tableName()));
            case AlterCheckContext _,
                    AlterConstraintContext _,
                    AlterIndexContext _,
                    AlterTableForceContext _,
                    AlterTableOrderContext _,
                    RenameIndexContext _ -> {
                // Nothing of it decides where rows live.
            }
            default ->
                    throw PlanRejection.notUnderstood(
                            "ALTER TABLE ... "
                                    + item.getStart().getText().toUpperCase(Locale.ROOT));
        }
    }

    private void addColumns(AddColumnContext add) {
        movesColumns = true;
        if (add.columnDefinition() != null) {
            add(add.columnDefinition());
            return;
        }
        for (TableElementContext element : add.tableElementList().tableElement()) {
            if (element.columnDefinition() != null) {
                add(element.columnDefinition());
            } else {
                keyChecks.add(() -> rules().check(element.tableConstraintDef()));
            }
        }
    }

    private void add(ColumnDefinitionContext column) {
        define(name(column.column_name), column.fieldDefinition());
        newName(name(column.column_name));
    }

    private void redefine(String column, ColumnDefinitionContext definition) {
        String to = name(definition.column_name);
        redefine(column, to, definition.fieldDefinition());
        if (!to.equalsIgnoreCase(column)) {
            newName(to);
        }
    }

    private void redefine(String column, String to, FieldDefinitionContext field) {
        refuseKey(column, "changed");
        movesColumns = true;
        boolean drawn = schema.column(column).filter(ColumnSchema::autoIncrement).isPresent();
        if (drawn && schema.kind() == TableKind.SHARDED && !ColumnRules.isAutoIncrement(field)) {
            throw TableDefinition.refused(
                    "column "
                            + column
                            + " must stay AUTO_INCREMENT: its values would repeat over shards");
        }
        define(to, field);
    }

    private void define(String column, FieldDefinitionContext field) {
        if (ColumnRules.isAutoIncrement(field)) {
            newAutoIncrement.add(column.toLowerCase(Locale.ROOT));
        }
        if (ColumnRules.isUnique(field)) {
            keyChecks.add(() -> rules().checkUnique(List.of(column)));
        }
    }

    private void drop(AlterTableDropContext drop) {
        if (drop.columnInternalRef != null
                && drop.CHECK() == null
                && drop.CONSTRAINT() == null
                && drop.FOREIGN() == null) {
            refuseKey(name(drop.columnInternalRef), "dropped");
            movesColumns = true;
        }
    }

    private void newName(String column) {
        namesKeys |= keyspace.isKeyName(column);
        boolean makesKey =
                schema.kind() == TableKind.SINGLE
                        && column.equalsIgnoreCase(keyspace.shardKey())
                        && !schema.directives().isSingle();
        if (makesKey) {
            throw TableDefinition.refused(
                    "with the column "
                            + column
                            + " the table would be a sharded one; a table keeps its kind: write"
                            + " COMMENT 'shardway:single' first"
                            + NEW_TABLE.replaceFirst("; ", ", or "));
        }
    }

    private void refuseKey(String column, String done) {
        boolean key =
                schema.key().filter(each -> each.column().equalsIgnoreCase(column)).isPresent();
        if (key) {
            throw TableDefinition.refused(
                    "the shard key " + column + " cannot be " + done + NEW_TABLE);
        }
    }

    private void refuseConversion() {
        boolean text = schema.key().filter(key -> key.type() instanceof KeyType.Text).isPresent();
        if (text) {
            throw TableDefinition.refused(
                    "CONVERT TO would change the collation of the shard key; MODIFY the other"
                            + " columns");
        }
    }

    private void checkOptions() {
        TableOptions read = TableOptions.read(options, sql);
        read.requireInnoDb();
        read.comment().ifPresent(this::checkComment);
    }

    /** The comment is what a dump makes the table from: it must say what the table is. */
    private void checkComment(TableDirectives comment) {
        boolean keyed =
                schema.key().isPresent()
                        && schema.key().get().column().equalsIgnoreCase(keyspace.shardKey());
        boolean same =
                switch (schema.kind()) {
                    case REFERENCE -> comment.isReference();
                    case SHARDED ->
                            comment.key()
                                    .map(key ->
                                            key.equalsIgnoreCase(
                                                    schema.key().orElseThrow().column()))
                                    .orElse(keyed && !comment.isReference() && !comment.isSingle());
                    case SINGLE ->
                            !comment.isReference()
                                    && comment.key().isEmpty()
                                    && (comment.isSingle()
                                            || !schema.hasColumn(keyspace.shardKey()));
                };
        boolean promiseLost = schema.directives().isLocalUnique() && !comment.isLocalUnique();
        if (!same || promiseLost) {
            throw TableDefinition.refused(
                    "a table keeps its kind, and its comment must go on saying it"
                            + (schema.directives().words().isEmpty()
                                    ? ""
                                    : ": shardway:"
                                            + String.join(
                                                    " shardway:", schema.directives().words()))
                            + NEW_TABLE.replaceFirst("; ", "; for another kind "));
        }
    }

    private KeyRules rules() {
        KeyRules now = AlterTables.rules(schema, keyspace);
        boolean promised =
                now.localUnique()
                        || TableOptions.read(options, sql)
                                .comment()
                                .filter(TableDirectives::isLocalUnique)
                                .isPresent();
        return new KeyRules(
                now.table(),
                now.kind(),
                now.shardKey(),
                promised,
                column ->
                        newAutoIncrement.contains(column.toLowerCase(Locale.ROOT))
                                || now.autoIncrement().test(column),
                keyspace);
    }

    private static String name(ParserRuleContext identifier) {
        if (identifier instanceof IdentifierContext written) {
            Names.refuseReserved(written);
        }
        return Names.of(identifier);
    }
}
