package io.shardway.proxy.execution;

import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.InsertTarget;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A temporary table with the columns of one that an INSERT ... SELECT writes, so that MySQL makes
 * of what is selected what it would store, with the errors and warnings of that. It has no keys and
 * draws no ids: those are its owners' business. Immutable.
 *
 * @param given the columns that the statement gives, in its order, and one that is drawn
 */
record MadeRows(InsertTarget target, String createText, List<ColumnSchema> given) {

    private static final String NUMBER = "`shardway_row`";
    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)*)`");
    private static final Pattern CHARSET =
            Pattern.compile(" DEFAULT CHARSET=\\w+(?: COLLATE=\\w+)?");
    private static final String DRAWN = " AUTO_INCREMENT";

    MadeRows {
        given = List.copyOf(given);
    }

    /**
     * @param shown what SHOW CREATE TABLE says, names in backquotes
     * @return empty if the table has other columns than the catalog's
     */
    static Optional<MadeRows> of(InsertTarget target, String shown) {
        var lines = new LinkedHashMap<String, String>();
        String charset = "";
        for (String line : shown.lines().skip(1).toList()) {
            String text = line.strip();
            Matcher name = NAME.matcher(text);
            if (text.startsWith(")")) {
                Matcher found = CHARSET.matcher(text);
                charset = found.find() ? found.group() : "";
                break;
            }
            if (text.startsWith("`") && name.lookingAt()) {
                String part = text.endsWith(",") ? text.substring(0, text.length() - 1) : text;
                lines.put(name.group(1).replace("``", "`"), undrawn(part));
            }
        }
        List<String> names = target.schema().columns().stream().map(ColumnSchema::name).toList();
        return List.copyOf(lines.keySet()).equals(names)
                ? Optional.of(
                        new MadeRows(target, create(target, lines, charset), given(target, lines)))
                : Optional.empty();
    }

    /** A column whose ids are drawn takes NULL, too. */
    private static String undrawn(String line) {
        String bare = ShownColumn.bare(line);
        int at = bare.indexOf(DRAWN);
        if (at < 0) {
            return line;
        }
        String rest = line.substring(0, at) + line.substring(at + DRAWN.length());
        int notNull = ShownColumn.bare(rest).indexOf(" NOT NULL");
        return notNull < 0
                ? rest
                : rest.substring(0, notNull) + rest.substring(notNull + " NOT NULL".length());
    }

    private static String create(InsertTarget target, Map<String, String> lines, String charset) {
        return "CREATE TEMPORARY TABLE "
                + name(target)
                + " ("
                + String.join(", ", lines.values())
                + ", "
                + NUMBER
                + " BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY INVISIBLE) ENGINE=InnoDB"
                + charset;
    }

    private static List<ColumnSchema> given(InsertTarget target, Map<String, String> lines) {
        var given = new ArrayList<>(named(target, lines));
        target.drawn()
                .map(DrawnColumn::column)
                .filter(key -> given.stream().noneMatch(each -> each.name().equals(key)))
                .flatMap(target.schema()::column)
                .ifPresent(given::add);
        return given;
    }

    private static List<ColumnSchema> named(InsertTarget target, Map<String, String> lines) {
        List<ColumnSchema> all = target.schema().columns();
        if (target.columns().isEmpty()) {
            return all.stream().filter(column -> isWritten(lines.get(column.name()))).toList();
        }
        var given = new ArrayList<ColumnSchema>();
        for (String named : target.columns()) {
            all.stream()
                    .filter(column -> column.name().equalsIgnoreCase(named))
                    .forEach(given::add);
        }
        return given;
    }

    private static boolean isWritten(@org.jspecify.annotations.Nullable String line) {
        String bare = ShownColumn.bare(line == null ? "" : line);
        return !bare.contains(" GENERATED ALWAYS AS (") && !bare.contains(" INVISIBLE");
    }

    static String name(InsertTarget target) {
        return ScratchDefinition.qualified(target.keyspace(), InsertTarget.ROWS);
    }

    /** Where the shard key stands among the given columns; empty if the table has none. */
    OptionalInt keyAt() {
        return target.key().isEmpty() ? OptionalInt.empty() : at(target.key().get().column());
    }

    /** Where the AUTO_INCREMENT column stands; empty if it is not given. */
    OptionalInt idAt() {
        return drawn().map(column -> at(column.name())).orElse(OptionalInt.empty());
    }

    Optional<ColumnSchema> drawn() {
        return target.schema().columns().stream().filter(ColumnSchema::autoIncrement).findFirst();
    }

    private OptionalInt at(String column) {
        for (int index = 0; index < given.size(); index++) {
            if (given.get(index).name().equalsIgnoreCase(column)) {
                return OptionalInt.of(index);
            }
        }
        return OptionalInt.empty();
    }

    /** In the order in which they were made. */
    String selectText() {
        return allText() + " ORDER BY " + NUMBER;
    }

    /** In any order; the table may be another one of these columns. */
    String allText() {
        return "SELECT %s FROM %s"
                .formatted(
                        given.stream()
                                .map(column -> item(column, QuotedName.of(column.name())))
                                .collect(Collectors.joining(", ")),
                        name(target));
    }

    /**
     * As its owner takes it exactly under any settings: members of ENUM and SET as numbers, a point
     * in time with its zone.
     *
     * @param name by which the column is read
     */
    static String item(ColumnSchema column, String name) {
        return switch (type(column)) {
            case "enum", "set" -> "CAST(" + name + " AS UNSIGNED)";
            case "json" -> "CAST(" + JsonText.exact(name, true) + " AS CHAR CHARACTER SET utf8mb4)";
            case "timestamp" ->
                    "IF(UNIX_TIMESTAMP(%s) = 0, '0000-00-00 00:00:00', CONCAT(%s, '+00:00'))"
                            .formatted(name, name);
            default -> name;
        };
    }

    /** A parameter that takes what the item has. */
    static String parameter(ColumnSchema column) {
        return type(column).equals("json") ? "CONVERT(? USING utf8mb4)" : "?";
    }

    static String type(ColumnSchema column) {
        return column.dataType().toLowerCase(Locale.ROOT);
    }

    /** The columns and as many rows of parameters, for behind the table's name. */
    String valuesText(int rows) {
        String columns =
                given.stream()
                        .map(column -> QuotedName.of(column.name()))
                        .collect(Collectors.joining(", ", " (", ") VALUES "));
        String row =
                given.stream().map(MadeRows::parameter).collect(Collectors.joining(",", "(", ")"));
        return columns + (row + ",").repeat(rows - 1) + row + " ";
    }

    boolean hasJson() {
        return given.stream().anyMatch(column -> type(column).equals("json"));
    }
}
