package io.shardway.proxy.execution;

import static io.shardway.proxy.execution.MadeRows.type;

import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.ChangedTable;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must be known of a table that an UPDATE or DELETE over several shards writes, as SHOW CREATE
 * TABLE says it. Immutable.
 *
 * @param identity the columns that name a row: those of a unique key, and the shard key
 * @param stored the columns that an owner is told anew: those that are set, and those whose time
 *     MySQL sets with them
 * @param rekeyed whether a column of a unique key may get another value
 * @param checks the constraints that IGNORE keeps; without it an owner judges them
 */
record ChangeDefinition(
        ChangedTable table,
        List<ColumnSchema> identity,
        List<ColumnSchema> stored,
        boolean rekeyed,
        List<Check> checks) {

    /** A constraint CHECK; the clause is what stands behind the word. */
    record Check(String name, String clause) {}

    /** Values of other types do not come back to the row that they were read of. */
    private static final Set<String> NAMING =
            Set.of(
                    "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "char",
                    "varchar",
                    "tinytext",
                    "text",
                    "mediumtext",
                    "longtext",
                    "binary",
                    "varbinary",
                    "tinyblob",
                    "blob",
                    "mediumblob",
                    "longblob",
                    "date",
                    "datetime",
                    "time",
                    "enum");

    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)*)`");

    ChangeDefinition {
        identity = List.copyOf(identity);
        stored = List.copyOf(stored);
        checks = List.copyOf(checks);
    }

    /** A unique key as a line says it; without columns if it is on an expression. */
    private record Key(boolean primary, Set<String> columns) {

        static Optional<Key> of(String line) {
            boolean primary = line.startsWith("PRIMARY KEY");
            if (!primary && !line.startsWith("UNIQUE KEY")) {
                return Optional.empty();
            }
            String bare = ShownColumn.bare(line);
            boolean expression = bare.contains("((") || bare.contains(",(");
            return Optional.of(
                    new Key(
                            primary,
                            expression
                                    ? Set.of()
                                    : ShownColumn.names(line.substring(bare.indexOf('(')))));
        }
    }

    /**
     * @param shown what SHOW CREATE TABLE says, names in backquotes
     * @param ignores whether the statement leaves rows as they are that cannot be changed
     * @return empty if the table has other columns than the catalog's
     * @throws ShardwayException where rows cannot be named, or IGNORE hangs on other rows
     */
    static Optional<ChangeDefinition> of(ChangedTable table, String shown, boolean ignores) {
        var names = new ArrayList<String>();
        var timed = new LinkedHashSet<String>();
        var keys = new ArrayList<Key>();
        var constraints = new ArrayList<String>();
        for (String line : shown.lines().skip(1).map(String::strip).toList()) {
            Matcher name = NAME.matcher(line);
            if (line.startsWith("`") && name.lookingAt()) {
                String column = name.group(1).replace("``", "`");
                names.add(column);
                if (ShownColumn.bare(line).contains(" ON UPDATE CURRENT_TIMESTAMP")) {
                    timed.add(column);
                }
            }
            Key.of(line).ifPresent(keys::add);
            if (line.startsWith("CONSTRAINT ")) {
                constraints.add(line);
            }
        }
        if (!names.equals(table.schema().columns().stream().map(ColumnSchema::name).toList())) {
            return Optional.empty();
        }
        List<ColumnSchema> stored =
                table.isDeleted()
                        ? List.of()
                        : table.schema().columns().stream()
                                .filter(column ->
                                        table.assigns(column.name())
                                                || timed.contains(column.name()))
                                .toList();
        return Optional.of(
                new ChangeDefinition(
                        table,
                        identity(table, keys),
                        stored,
                        isRekeyed(table, keys, stored),
                        ignores && !table.isDeleted() ? checks(table, constraints) : List.of()));
    }

    /** What rows keep alone, whatever the session's settings are. */
    private static List<Check> checks(ChangedTable table, List<String> constraints) {
        var checks = new ArrayList<Check>();
        for (String line : constraints) {
            String bare = ShownColumn.bare(line);
            int at = bare.indexOf(" CHECK (");
            boolean alone =
                    at >= 0
                            && ShownColumn.names(line.substring(at)).stream()
                                    .flatMap(name -> table.schema().column(name).stream())
                                    .noneMatch(column ->
                                            column.generated() || type(column).equals("timestamp"));
            if (!alone) {
                throw refused(
                        table,
                        "has a foreign key, or a CHECK on a generated column or TIMESTAMP: leave out"
                                + " IGNORE");
            }
            String clause = line.substring(at + " CHECK ".length());
            checks.add(
                    new Check(
                            ShownColumn.names(line.substring(0, at)).iterator().next(),
                            clause.endsWith(",")
                                    ? clause.substring(0, clause.length() - 1)
                                    : clause));
        }
        return checks;
    }

    private static List<ColumnSchema> identity(ChangedTable table, List<Key> keys) {
        for (boolean primary : new boolean[] {true, false}) {
            for (Key key : keys) {
                List<ColumnSchema> columns =
                        table.schema().columns().stream()
                                .filter(column -> key.columns().contains(column.name()))
                                .toList();
                if (key.primary() == primary && canName(columns)) {
                    return withShardKey(table, columns);
                }
            }
        }
        throw refused(
                table,
                "has no primary key, or unique key without NULL, of whole numbers, DECIMAL, texts,"
                        + " bytes, dates or times, by which its rows could be named");
    }

    private static boolean canName(List<ColumnSchema> columns) {
        return !columns.isEmpty()
                && columns.stream()
                        .allMatch(column -> !column.nullable() && NAMING.contains(type(column)));
    }

    private static List<ColumnSchema> withShardKey(ChangedTable table, List<ColumnSchema> columns) {
        var identity = new ArrayList<>(columns);
        table.schema().columns().stream()
                .filter(column -> isShardKey(table, column))
                .filter(column -> !columns.contains(column))
                .forEach(identity::add);
        return identity;
    }

    private static boolean isShardKey(ChangedTable table, ColumnSchema column) {
        return table.key().filter(key -> key.column().equalsIgnoreCase(column.name())).isPresent();
    }

    /** In doubt, where MySQL makes a unique column of others, it is. */
    private static boolean isRekeyed(
            ChangedTable table, List<Key> keys, List<ColumnSchema> stored) {
        if (table.isDeleted()) {
            return false;
        }
        return table.key().filter(key -> table.assigns(key.column())).isPresent()
                || keys.stream()
                        .anyMatch(key ->
                                key.columns().isEmpty()
                                        || table.schema().columns().stream()
                                                .filter(each -> key.columns().contains(each.name()))
                                                .anyMatch(each ->
                                                        each.generated() || stored.contains(each)));
    }

    private static ShardwayException refused(ChangedTable table, String what) {
        return new ShardwayException(
                ErrorCode.CROSS_SHARD_WRITE, "table " + table.schema().name() + " " + what);
    }

    boolean isOfEnumZero(Diagnostics.Condition condition) {
        return EnumZero.isWarning(whole(), condition.code(), condition.message());
    }

    /** Where a table is that other tables' names cannot hide. */
    String name() {
        return ScratchDefinition.qualified(table.keyspace(), table.schema().name());
    }

    /** All that an owner must be given of a row that it has not. */
    List<ColumnSchema> whole() {
        return table.schema().columns().stream().filter(column -> !column.generated()).toList();
    }

    boolean hasJson() {
        return whole().stream().anyMatch(column -> type(column).equals("json"));
    }

    /** Where the shard key stands in the columns; the table is sharded. */
    int keyIn(List<ColumnSchema> columns) {
        for (int at = 0; at < columns.size(); at++) {
            if (isShardKey(table, columns.get(at))) {
                return at;
            }
        }
        throw new IllegalStateException("no shard key in table " + name());
    }

    /** Whether a column's values are texts of a character set. */
    static boolean isText(ColumnSchema column) {
        return switch (type(column)) {
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                    !column.collation().isEmpty()
                            && !column.collation().toLowerCase(Locale.ROOT).equals("binary");
            default -> false;
        };
    }

    static String in(String alias, ColumnSchema column) {
        return alias + "." + QuotedName.of(column.name());
    }
}
