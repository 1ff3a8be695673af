package io.shardway.proxy.execution;

import static io.shardway.proxy.execution.ChangeDefinition.in;
import static io.shardway.proxy.execution.MadeRows.type;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What finds out how a table's rows were changed, and what stores that where they belong.
 * Immutable.
 *
 * @param number among the tables that the statement writes
 */
record ChangeTexts(ChangeDefinition table, int number) {

    private static final String OLD = "shardway_b";
    private static final String NEW = "shardway_a";

    /** Gives the table the constraints by which rows are left as they are. */
    List<String> constraining() {
        return IntStream.range(0, table.checks().size())
                .mapToObj(check ->
                        "ALTER TABLE %s ADD CONSTRAINT %s CHECK %s"
                                .formatted(
                                        table.name(),
                                        QuotedName.of(checkName(check)),
                                        table.checks().get(check).clause()))
                .toList();
    }

    /** The constraint's own name is taken. */
    private String checkName(int check) {
        return "shardway_check_" + number + "_" + check;
    }

    /** What MySQL says of the constraints by the names that they have here. */
    String withNames(String message) {
        String named = message;
        for (int check = 0; check < table.checks().size(); check++) {
            named =
                    named.replace(
                            "'" + checkName(check) + "'",
                            "'" + table.checks().get(check).name() + "'");
        }
        return named;
    }

    /** What the copy of its rows is called that stays as they came. */
    String copy() {
        return "shardway_copy_before_" + number;
    }

    private String before() {
        return ScratchDefinition.qualified(table.table().keyspace(), copy());
    }

    /** The rows that are no more, or not as they were: what names them. */
    String removed() {
        return "SELECT %s FROM %s AS %s WHERE %s ORDER BY %s"
                .formatted(
                        identityItems(OLD),
                        before(),
                        OLD,
                        notIn(table.name(), NEW),
                        identityColumns(OLD));
    }

    /** The rows that were not, or not as they are: all of them. */
    String added() {
        return "SELECT %s FROM %s AS %s WHERE %s ORDER BY %s"
                .formatted(
                        items(table.whole(), NEW),
                        table.name(),
                        NEW,
                        notIn(before(), OLD),
                        identityColumns(NEW));
    }

    /** The rows that have other values: all of them. */
    String changed() {
        return "SELECT %s FROM %s AS %s STRAIGHT_JOIN %s AS %s ON %s WHERE NOT (%s) ORDER BY %s"
                .formatted(
                        items(table.whole(), NEW),
                        before(),
                        OLD,
                        table.name(),
                        NEW,
                        sameRow(),
                        sameValues(),
                        identityColumns(OLD));
    }

    private String notIn(String other, String alias) {
        return "(SELECT COUNT(*) FROM %s AS %s WHERE %s AND %s) = 0"
                .formatted(other, alias, sameRow(), sameValues());
    }

    private static String items(List<ColumnSchema> columns, String alias) {
        return columns.stream()
                .map(column -> MadeRows.item(column, in(alias, column)))
                .collect(Collectors.joining(", "));
    }

    private String identityItems(String alias) {
        return items(table.identity(), alias);
    }

    private String identityColumns(String alias) {
        return table.identity().stream()
                .map(column -> in(alias, column))
                .collect(Collectors.joining(", "));
    }

    private String sameRow() {
        return table.identity().stream()
                .map(column -> in(OLD, column) + " = " + in(NEW, column))
                .collect(Collectors.joining(" AND "));
    }

    /** To the last bit; where rows get other keys, one may have the key that another had. */
    private String sameValues() {
        List<ColumnSchema> compared = table.rekeyed() ? table.whole() : table.stored();
        return compared.isEmpty()
                ? "TRUE"
                : compared.stream()
                        .map(ChangeTexts::sameValue)
                        .collect(Collectors.joining(" AND "));
    }

    private static String sameValue(ColumnSchema column) {
        String plain = same("%s", column);
        return switch (type(column)) {
            case "enum", "set" -> same("CAST(%s AS UNSIGNED)", column);
            case "float", "double" -> plain + " AND " + same("CAST(%s AS CHAR)", column);
            case "json" ->
                    plain
                            + " AND "
                            + same("CAST(CAST(%s AS CHAR) AS BINARY)", column)
                            + " AND "
                            + same("JSON_TYPE(%s)", column)
                            + " AND "
                            + same("JSON_STORAGE_SIZE(%s)", column);
            case "char",
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
                    "longblob" ->
                    same("CAST(%s AS BINARY)", column);
            case "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "bit",
                    "year",
                    "date",
                    "datetime",
                    "timestamp",
                    "time" ->
                    plain;
            default -> same("HEX(%s)", column);
        };
    }

    private static String same(String form, ColumnSchema column) {
        return form.formatted(in(OLD, column)) + " <=> " + form.formatted(in(NEW, column));
    }

    /** Deletes so many rows by what names them. */
    String delete(int rows) {
        return "DELETE FROM %s WHERE %s"
                .formatted(
                        table.name(),
                        Stream.generate(this::named)
                                .limit(rows)
                                .collect(Collectors.joining(" OR ")));
    }

    /**
     * Gives so many rows their new values: each is the duplicate of the one that it was, whose
     * unique keys it has.
     */
    String update(int rows) {
        return "%s AS %s ON DUPLICATE KEY UPDATE %s"
                .formatted(
                        insert(rows),
                        NEW,
                        table.stored().stream()
                                .map(column ->
                                        QuotedName.of(column.name()) + " = " + in(NEW, column))
                                .collect(Collectors.joining(", ")));
    }

    private String named() {
        return table.identity().stream()
                .map(column -> QuotedName.of(column.name()) + " = " + named(column))
                .collect(Collectors.joining(" AND ", "(", ")"));
    }

    /** Texts come as the bytes that they have in their own character set. */
    private static String named(ColumnSchema column) {
        if (!ChangeDefinition.isText(column)) {
            return "?";
        }
        String collation = column.collation();
        String charset = collation.substring(0, (collation + "_").indexOf('_'));
        return "CONVERT(? USING " + charset + ") COLLATE " + collation;
    }

    /** Stores so many whole rows. */
    String insert(int rows) {
        List<ColumnSchema> columns = table.whole();
        String row =
                columns.stream()
                        .map(MadeRows::parameter)
                        .collect(Collectors.joining(",", "(", ")"));
        return "INSERT INTO %s (%s) VALUES %s%s"
                .formatted(
                        table.name(),
                        columns.stream()
                                .map(column -> QuotedName.of(column.name()))
                                .collect(Collectors.joining(", ")),
                        (row + ",").repeat(rows - 1),
                        row);
    }
}
