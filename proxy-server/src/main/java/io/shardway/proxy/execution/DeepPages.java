package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.Scatter;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.TableKind;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Brings the wanted rows alone of an assembled read that skips many: what rows are ordered by comes
 * first, into a temporary table, where MySQL counts how many of each shard's rows are skipped. Then
 * each shard sends the row before its first wanted one, and the wanted ones. As long as no such row
 * comes behind a wanted one, exactly those rows are skipped that the statement skips, whatever has
 * happened since they were counted. Confined to its event loop; one read each.
 */
final class DeepPages {

    /** They are brought as something else than what they are ordered as. */
    private static final Set<String> NOT_ORDERED = Set.of("json", "enum", "set");

    private final Scratch scratch;
    private final ScratchDefinition definition;
    private final AssembledText.Asked asked;
    private final List<ShardId> shards;
    private final Optional<BiFunction<PreparedKey, int[], BackendCommand>> reading;

    /** How many rows of each shard come before the wanted ones. */
    private final Map<ShardId, Long> skipped = new HashMap<>();

    private DeepPages(
            Scratch scratch,
            ScratchDefinition definition,
            AssembledText.Asked asked,
            AssembledStatement statement) {
        this.scratch = scratch;
        this.definition = definition;
        this.asked = asked;
        this.shards = statement.shards().getFirst();
        this.reading = statement.sparing().reading();
    }

    /**
     * @param definitions of the statement's tables
     * @return empty if all its rows must be brought, or most of them are wanted
     */
    static Optional<DeepPages> of(
            Scratch scratch, AssembledStatement statement, List<ScratchDefinition> definitions) {
        if (definitions.size() != 1 || statement.sparing().paged().isEmpty()) {
            return Optional.empty();
        }
        ScratchDefinition definition = definitions.getFirst();
        AssembledTable table = definition.table();
        AssembledText.Asked asked = statement.asked().getFirst();
        List<String> ordered = asked.orderedColumns();
        Scatter.Range wanted = asked.wanted();
        boolean may =
                !ordered.isEmpty()
                        && wanted.isDeep()
                        && wanted.count() <= wanted.skipped()
                        && table.schema().kind() == TableKind.SHARDED
                        && table.lock().isEmpty()
                        && table.uses().size() == 1
                        && definition.stores(ordered)
                        && definition.loaded().size() > Set.copyOf(ordered).size()
                        && definition.loaded().stream()
                                .filter(column -> ordered.contains(column.name()))
                                .noneMatch(DeepPages::isOrderedOtherwise)
                        && !statement.isRenamed()
                        && !statement.traits().sessionFunctions()
                        && statement.settings().literal("max_sort_length").isEmpty();
        return may
                ? Optional.of(new DeepPages(scratch, definition, asked, statement))
                : Optional.empty();
    }

    private static boolean isOrderedOtherwise(ColumnSchema column) {
        return NOT_ORDERED.contains(column.dataType().toLowerCase(Locale.ROOT));
    }

    private String keysTable() {
        return ScratchDefinition.qualified(
                definition.table().keyspace(), AssembledText.DEEP_PREFIX + "keys");
    }

    private String rowsTable() {
        return ScratchDefinition.qualified(
                definition.table().keyspace(), AssembledText.DEEP_PREFIX + "rows");
    }

    /**
     * Makes the tables.
     *
     * @param then whether MySQL has made them
     */
    void make(Consumer<Boolean> then) {
        String keys =
                IntStream.range(0, columns().size())
                        .mapToObj(key -> columns().get(key) + " AS " + keyNames().get(key))
                        .collect(Collectors.joining(", "));
        make(
                keysTable(),
                " SELECT 0 AS shardway_s, " + keys,
                keysMade -> {
                    if (keysMade) {
                        make(
                                rowsTable(),
                                " (shardway_i BIGINT AUTO_INCREMENT PRIMARY KEY) SELECT 0 AS"
                                        + " shardway_s, "
                                        + definition.columnList(),
                                then);
                    } else {
                        then.accept(false);
                    }
                });
    }

    /** The columns that are ordered by, as the statement's table has them. */
    private List<String> columns() {
        return asked.orderedColumns().stream().map(QuotedName::of).toList();
    }

    /** What they are called where they are counted. */
    private List<String> keyNames() {
        return IntStream.range(0, asked.ordered().size())
                .mapToObj(key -> "shardway_k" + key)
                .toList();
    }

    /** These columns, as the statement orders by them. */
    private String order(List<String> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(key ->
                        columns.get(key) + (asked.ordered().get(key).descending() ? " DESC" : ""))
                .collect(Collectors.joining(", "));
    }

    private void make(String table, String select, Consumer<Boolean> then) {
        scratch.willHave(table);
        scratch.query(
                "CREATE TEMPORARY TABLE %s%s FROM %s WHERE FALSE"
                        .formatted(table, select, definition.name()),
                answer -> then.accept(answer instanceof CollectedAnswer.Ok));
    }

    /** What rows are ordered by. */
    ScratchLoader.Source keys() {
        return new ScratchLoader.Source(
                new Numbered(
                        keysTable(),
                        "shardway_s, " + String.join(", ", keyNames()),
                        String.join(", ", columns()),
                        asked.ordered().size() + 1,
                        _ -> asked),
                asked,
                false,
                reading);
    }

    /** Counts what is skipped; {@link #rows} can be read then. */
    void count(Runnable then) {
        scratch.rows(
                ("SELECT shardway_s, COUNT(*) FROM (SELECT shardway_s, ROW_NUMBER() OVER (ORDER BY"
                                + " %s, shardway_s) AS shardway_n FROM %s) AS counted WHERE shardway_n <="
                                + " %d GROUP BY shardway_s")
                        .formatted(order(keyNames()), keysTable(), asked.wanted().skipped()),
                rows -> {
                    shards.forEach(shard -> skipped.put(shard, 0L));
                    for (int row = 0; row < rows.rowCount(); row++) {
                        skipped.put(shards.get((int) number(rows, row, 0)), number(rows, row, 1));
                    }
                    then.run();
                });
    }

    private static long number(CollectedAnswer.Rows rows, int row, int column) {
        return Long.parseLong(new String(Objects.requireNonNull(rows.cell(row, column)), UTF_8));
    }

    /** How many rows come before the wanted ones. */
    long skipped() {
        return skipped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The wanted rows of each shard, and the one before them. */
    ScratchLoader.Source rows() {
        return new ScratchLoader.Source(
                new Numbered(
                        rowsTable(),
                        "shardway_s, " + definition.columnList(),
                        definition.items(),
                        definition.columns() + 1,
                        this::rowsOf),
                asked,
                false,
                reading);
    }

    private AssembledText.Asked rowsOf(ShardId shard) {
        long skips = skippedOf(shard);
        long before = skips == 0 ? 0 : 1;
        return asked.only(new Scatter.Range(skips - before, asked.wanted().count() + before));
    }

    private long skippedOf(ShardId shard) {
        return Objects.requireNonNull(skipped.get(shard));
    }

    /**
     * Puts the wanted rows into the statement's table, if they are still those that it wants.
     *
     * @param then whether they are
     */
    void take(Consumer<Boolean> then) {
        List<String> behindOthers =
                IntStream.range(0, shards.size())
                        .filter(shard -> skippedOf(shards.get(shard)) > 0)
                        .mapToObj(Integer::toString)
                        .toList();
        if (behindOthers.isEmpty()) {
            check("0", then);
            return;
        }
        scratch.rows(
                "SELECT MIN(shardway_i) FROM %s WHERE shardway_s IN (%s) GROUP BY shardway_s"
                        .formatted(rowsTable(), String.join(", ", behindOthers)),
                rows -> {
                    if (rows.rowCount() == behindOthers.size()) {
                        check(
                                IntStream.range(0, rows.rowCount())
                                        .mapToObj(row -> Long.toString(number(rows, row, 0)))
                                        .collect(Collectors.joining(", ")),
                                then);
                    } else {
                        then.accept(false);
                    }
                });
    }

    /**
     * @param before the ids of the rows that come before each shard's wanted ones
     */
    private void check(String before, Consumer<Boolean> then) {
        boolean enough = skipped() == asked.wanted().skipped();
        scratch.rows(
                ("SELECT COALESCE(MAX(IF(is_before, place, 0)) <= MIN(IF(is_before, NULL, place)),"
                                + " TRUE) AND (%s OR COALESCE(SUM(NOT is_before), 0) = 0) FROM (SELECT"
                                + " shardway_i IN (%s) AS is_before, RANK() OVER (ORDER BY %s) AS place"
                                + " FROM %s) AS placed")
                        .formatted(
                                enough ? "TRUE" : "FALSE", before, order(columns()), rowsTable()),
                rows -> {
                    if (number(rows, 0, 0) == 1) {
                        take(before, then);
                    } else {
                        then.accept(false);
                    }
                });
    }

    private void take(String before, Consumer<Boolean> then) {
        scratch.run(
                List.of(
                        "DELETE FROM %s WHERE shardway_i IN (%s)".formatted(rowsTable(), before),
                        "INSERT INTO %s (%s) SELECT %s FROM %s"
                                .formatted(
                                        definition.name(),
                                        definition.columnList(),
                                        definition.columnList(),
                                        rowsTable())),
                () -> then.accept(true));
    }

    /** Some columns of each shard's rows, with the shard's number. */
    private final class Numbered implements ScratchTable {

        private final String name;
        private final String columns;
        private final String items;
        private final int count;
        private final Function<ShardId, AssembledText.Asked> askedOf;

        /**
         * @param columns that are stored, and how many
         * @param items that are read behind the number
         */
        Numbered(
                String name,
                String columns,
                String items,
                int count,
                Function<ShardId, AssembledText.Asked> askedOf) {
            this.name = name;
            this.columns = columns;
            this.items = items;
            this.count = count;
            this.askedOf = askedOf;
        }

        @Override
        public String name() {
            return definition.name();
        }

        @Override
        public int columns() {
            return count;
        }

        @Override
        public String lock() {
            return "";
        }

        @Override
        public byte[] selectText(ShardId shard, AssembledText.Asked asked, long rowsMax) {
            return definition.selectText(
                    shards.indexOf(shard) + ", " + items, askedOf.apply(shard), rowsMax);
        }

        @Override
        public String insertText(int rows) {
            return ScratchTable.insertText(name, " (" + columns + ")", count, rows);
        }

        @Override
        public boolean isOfEnumZero(int code, String message) {
            return definition.isOfEnumZero(code, message);
        }

        @Override
        public boolean isInexactJson(int mysqlCode) {
            return definition.isInexactJson(mysqlCode);
        }
    }
}
