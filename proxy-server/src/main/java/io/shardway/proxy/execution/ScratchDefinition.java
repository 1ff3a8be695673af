package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A temporary table like one of a keyspace, made of what SHOW CREATE TABLE says: the columns that a
 * statement may read or that are in keys, and the keys themselves, which are seen in the flags of
 * an answer's columns. Generated columns that are stored are ordinary ones there, with the values
 * they have: made anew under other settings, such as another time zone, these could be others.
 * Immutable.
 *
 * @param loaded the columns that rows are brought for, in the order of the table
 */
record ScratchDefinition(AssembledTable table, String createText, List<ColumnSchema> loaded)
        implements ScratchTable {

    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)*)`");
    private static final Pattern CHARSET =
            Pattern.compile(" DEFAULT CHARSET=\\w+(?: COLLATE=\\w+)?");

    /** The parts of SHOW CREATE TABLE, which has a line for each. */
    private record Parts(Map<String, ShownColumn> columns, List<String> keys, String charset) {

        static Parts of(String shown) {
            var columns = new LinkedHashMap<String, ShownColumn>();
            var keys = new ArrayList<String>();
            String charset = "";
            for (String line : shown.lines().skip(1).toList()) {
                String text = line.strip();
                String part = text.endsWith(",") ? text.substring(0, text.length() - 1) : text;
                if (text.startsWith(")")) {
                    Matcher found = CHARSET.matcher(text);
                    charset = found.find() ? found.group() : "";
                    break;
                }
                if (text.startsWith("`")) {
                    Matcher name = NAME.matcher(text);
                    if (name.lookingAt()) {
                        columns.put(name.group(1).replace("``", "`"), ShownColumn.of(part));
                    }
                } else if (isKey(text)) {
                    keys.add(part);
                }
            }
            return new Parts(columns, keys, charset);
        }

        /** Temporary tables have no full-text keys; the others that are left out hold no rows. */
        private static boolean isKey(String line) {
            return line.startsWith("PRIMARY KEY")
                    || line.startsWith("UNIQUE KEY")
                    || line.startsWith("KEY");
        }

        private boolean isVirtual(String column) {
            ShownColumn found = columns.get(column);
            return found != null && found.isVirtual();
        }

        /** Whether a column is made of others, which must then be there. */
        private boolean hasExpressions() {
            return columns.values().stream()
                    .anyMatch(column ->
                            column.isVirtual()
                                    || ShownColumn.bare(column.text()).contains(" DEFAULT ("));
        }

        /** Whether a key holds what a point in time looks like in some time zone. */
        private boolean hasLocalTimesInKeys(List<ColumnSchema> schemas) {
            var local = new HashSet<String>();
            schemas.stream()
                    .filter(column -> column.dataType().equalsIgnoreCase("timestamp"))
                    .forEach(column -> local.add(column.name()));
            // A column is made of columns before it only, or of any that are not generated.
            columns.forEach((name, column) -> {
                if (!Collections.disjoint(column.madeOf(), local)) {
                    local.add(name);
                }
            });
            return keys.stream()
                    .anyMatch(key ->
                            columnsOf(key).stream()
                                    .filter(local::contains)
                                    .anyMatch(name -> isVirtual(name) || isOnExpression(key)));
        }

        private static Set<String> columnsOf(String key) {
            return ShownColumn.names(key.substring(ShownColumn.bare(key).indexOf('(')));
        }

        private static boolean isOnExpression(String key) {
            String bare = ShownColumn.bare(key);
            return bare.contains("((") || bare.contains(",(");
        }

        /** Columns that keys name; empty if a key is on an expression. */
        Optional<Set<String>> inKeys() {
            var names = new LinkedHashSet<String>();
            for (String key : keys) {
                if (isOnExpression(key)) {
                    return Optional.empty();
                }
                names.addAll(columnsOf(key));
            }
            return Optional.of(names);
        }
    }

    ScratchDefinition {
        loaded = List.copyOf(loaded);
    }

    /**
     * Whether the temporary table's keys would hold values of virtual columns that hang on a time
     * zone: rows come in UTC, and the statement is run in the session's.
     */
    static boolean hasLocalTimesInKeys(AssembledTable table, String shown) {
        return Parts.of(shown).hasLocalTimesInKeys(table.schema().columns());
    }

    /**
     * @param shown what SHOW CREATE TABLE says, names in backquotes
     * @return empty if the table has other columns than the catalog's
     */
    static Optional<ScratchDefinition> of(AssembledTable table, String shown) {
        Parts parts = Parts.of(shown);
        List<ColumnSchema> columns = table.schema().columns();
        List<String> names = columns.stream().map(ColumnSchema::name).toList();
        if (!List.copyOf(parts.columns().keySet()).equals(names)) {
            return Optional.empty();
        }
        Optional<Set<String>> inKeys = parts.inKeys();
        boolean all = parts.hasExpressions() || inKeys.isEmpty();
        Set<String> kept = new LinkedHashSet<>();
        for (ColumnSchema column : columns) {
            if (all
                    || table.mayRead(column.name())
                    || inKeys.orElse(Set.of()).contains(column.name())) {
                kept.add(column.name());
            }
        }
        if (kept.isEmpty()) {
            kept.add(names.getFirst());
        }
        List<ColumnSchema> loaded =
                columns.stream()
                        .filter(column ->
                                kept.contains(column.name()) && !parts.isVirtual(column.name()))
                        .toList();
        return Optional.of(new ScratchDefinition(table, create(table, parts, kept), loaded));
    }

    private static String create(AssembledTable table, Parts parts, Set<String> kept) {
        var lines = new ArrayList<String>();
        parts.columns()
                .forEach((name, line) -> {
                    if (kept.contains(name)) {
                        lines.add(line.text());
                    }
                });
        lines.addAll(parts.keys());
        return "CREATE TEMPORARY TABLE "
                + qualified(table.keyspace(), table.schema().name())
                + " ("
                + String.join(", ", lines)
                + ") ENGINE=InnoDB"
                + parts.charset();
    }

    @Override
    public String name() {
        return qualified(table.keyspace(), table.schema().name());
    }

    @Override
    public int columns() {
        return loaded.size();
    }

    @Override
    public String lock() {
        return table.lock();
    }

    @Override
    public byte[] selectText(ShardId shard, AssembledText.Asked asked, long rowsMax) {
        return selectText(items(), asked, rowsMax);
    }

    /** What reads this of a shard's rows. */
    byte[] selectText(String items, AssembledText.Asked asked, long rowsMax) {
        return "SELECT %s FROM %s%s LIMIT %d%s%s"
                .formatted(
                        items,
                        name(),
                        asked.where() + asked.orderBy(),
                        Math.min(asked.rowsMax(), rowsMax),
                        asked.rows().skipped() == 0 ? "" : " OFFSET " + asked.rows().skipped(),
                        table.lock().isEmpty() ? "" : " " + table.lock())
                .getBytes(UTF_8);
    }

    /** The columns that rows are brought for, as they are read. */
    String items() {
        return loaded.stream().map(this::item).collect(Collectors.joining(", "));
    }

    /** Whether all these columns are stored: what others are may hang on a session's settings. */
    boolean stores(List<String> columns) {
        return loaded.stream().map(ColumnSchema::name).toList().containsAll(columns);
    }

    /** ENUM and SET go by their numbers: a text does not tell all of them apart. */
    private String item(ColumnSchema column) {
        String name = QuotedName.of(column.name());
        return switch (column.dataType().toLowerCase(Locale.ROOT)) {
            case "enum", "set" -> "CAST(" + name + " AS UNSIGNED)";
            case "json" -> JsonText.exact(name, table.tellsJsonTypes());
            default -> name;
        };
    }

    boolean hasEnum() {
        return loaded.stream().anyMatch(EnumZero::isEnum);
    }

    @Override
    public boolean isOfEnumZero(int code, String message) {
        return EnumZero.isWarning(loaded, code, message);
    }

    private boolean hasJson() {
        return loaded.stream().anyMatch(column -> column.dataType().equalsIgnoreCase("json"));
    }

    /** Whether this is the error of a row whose JSON a text would change. */
    @Override
    public boolean isInexactJson(int mysqlCode) {
        return mysqlCode == JsonText.ERROR && hasJson();
    }

    @Override
    public String insertText(int rows) {
        return ScratchTable.insertText(name(), " (" + columnList() + ")", loaded.size(), rows);
    }

    /** What makes and fills a copy under another name. */
    List<String> copyTexts(String copy) {
        String target = qualified(table.keyspace(), copy);
        return List.of(
                "CREATE TEMPORARY TABLE %s LIKE %s".formatted(target, name()),
                "INSERT INTO %s (%s) SELECT %s FROM %s"
                        .formatted(target, columnList(), columnList(), name()));
    }

    /** The columns that rows are brought for, as statements have them. */
    String columnList() {
        return loaded.stream()
                .map(column -> QuotedName.of(column.name()))
                .collect(Collectors.joining(", "));
    }

    static String qualified(String keyspace, String table) {
        return QuotedName.of(keyspace, table);
    }
}
