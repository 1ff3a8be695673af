package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyTypes;
import io.shardway.router.schema.TableSchema;
import java.util.Optional;
import java.util.Set;

/**
 * One occurrence of a table in a statement. Two occurrences of the same table are two uses, so uses
 * are compared by identity. Immutable.
 */
final class TableUse {

    /** Where the rows of a use come from. */
    enum Origin {
        SHARDED,
        REFERENCE,
        SINGLE,
        /** A table of a plain keyspace: on the default shard, columns unknown. */
        PLAIN,
        /** information_schema, mysql, performance_schema, sys. */
        SYSTEM,
        /** A derived table or a WITH query, columns unknown; its own tables are uses themselves. */
        DERIVED
    }

    private final Origin origin;
    private final String keyspace;
    private final String alias;
    private final Optional<TableSchema> schema;
    private final Set<ReferenceTable> references;

    TableUse(Origin origin, String keyspace, String alias, Optional<TableSchema> schema) {
        this(origin, keyspace, alias, schema, Set.of());
    }

    TableUse(
            Origin origin,
            String keyspace,
            String alias,
            Optional<TableSchema> schema,
            Set<ReferenceTable> references) {
        this.origin = origin;
        this.keyspace = keyspace;
        this.alias = alias;
        this.schema = schema;
        this.references = Set.copyOf(references);
    }

    static TableUse derived(String alias) {
        return new TableUse(Origin.DERIVED, "", alias, Optional.empty());
    }

    Origin origin() {
        return origin;
    }

    /** Empty for a derived table. */
    String keyspace() {
        return keyspace;
    }

    Optional<TableSchema> schema() {
        return schema;
    }

    boolean isSharded() {
        return origin == Origin.SHARDED;
    }

    boolean isReference() {
        return origin == Origin.REFERENCE;
    }

    boolean isView() {
        return schema.filter(TableSchema::isView).isPresent();
    }

    /** The reference tables whose copies are read with it: itself, or those that a view reads. */
    Set<ReferenceTable> references() {
        return references;
    }

    /** Which reference table this is, if it is one and no view. */
    ReferenceTable referenceTable() {
        return new ReferenceTable(keyspace, schema.orElseThrow().name());
    }

    /** The key of a sharded table. */
    TableSchema.Key key() {
        return schema.flatMap(TableSchema::key).orElseThrow();
    }

    boolean isKey(String column) {
        return isSharded() && key().column().equalsIgnoreCase(column);
    }

    boolean keyIsAutoIncrement() {
        return schema.orElseThrow().columns().stream()
                .filter(column -> isKey(column.name()))
                .anyMatch(ColumnSchema::autoIncrement);
    }

    /** Of a table whose shard key is AUTO_INCREMENT; MySQL has that for numbers only. */
    DrawnColumn drawnColumn() {
        if (!(key().type() instanceof KeyType.Integer type)) {
            throw PlanRejection.notUnderstood("the shard key of " + describe());
        }
        return new DrawnColumn(keyspace, schema.orElseThrow().name(), key().column(), type);
    }

    /** The AUTO_INCREMENT column, if the table has one. */
    Optional<ColumnSchema> autoIncrement() {
        return schema.stream()
                .flatMap(table -> table.columns().stream())
                .filter(ColumnSchema::autoIncrement)
                .findFirst();
    }

    /** The AUTO_INCREMENT column of whole numbers that is not the shard key, if there is one. */
    Optional<DrawnColumn> drawnId() {
        return isSharded() && !keyIsAutoIncrement()
                ? autoIncrement()
                        .flatMap(column ->
                                KeyTypes.integer(column)
                                        .map(type ->
                                                new DrawnColumn(
                                                        keyspace,
                                                        schema.orElseThrow().name(),
                                                        column.name(),
                                                        type)))
                : Optional.empty();
    }

    DrawnKey drawnKey(KeySource source) {
        DrawnColumn drawn = drawnColumn();
        return new DrawnKey(drawn.keyspace(), drawn.table(), drawn.column(), drawn.type(), source);
    }

    boolean isCalled(String writtenKeyspace, String writtenName) {
        return alias.equals(writtenName)
                && (writtenKeyspace.isEmpty() || writtenKeyspace.equals(keyspace));
    }

    boolean hasColumn(String column) {
        return schema.isPresent() && schema.get().hasColumn(column);
    }

    /** Of a table that the catalog knows. */
    Optional<ColumnSchema> column(String name) {
        return schema.flatMap(table ->
                table.columns().stream()
                        .filter(each -> each.name().equalsIgnoreCase(name))
                        .findFirst());
    }

    String alias() {
        return alias;
    }

    boolean mayHaveColumn(String column) {
        return schema.isEmpty() || hasColumn(column);
    }

    String describe() {
        String name = schema.map(TableSchema::name).orElse(alias);
        return name.equals(alias) || alias.isEmpty() ? name : name + " (as " + alias + ")";
    }
}
