package io.shardway.proxy.execution;

import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.SpreadKind;
import java.util.List;
import java.util.OptionalLong;

/**
 * The keys that the proxy drew for the rows of one statement, of which the nodes know nothing: to
 * them all keys are given. Immutable; the array is not written to.
 *
 * @param byRow 0 where the row gives its key
 */
record DrawnIds(DrawnColumn column, long[] byRow, int stride) {

    /** Whether a row can be left out, or be another one that was there before. */
    static boolean mayMiss(SpreadKind kind) {
        return switch (kind) {
            case INSERT, REPLACE, CHANGE -> false;
            case INSERT_IGNORE, INSERT_OR_UPDATE -> true;
        };
    }

    /** The first one of these rows; empty if none of them draws. */
    OptionalLong first(List<Integer> rows) {
        return rows.stream().mapToLong(row -> byRow[row]).filter(key -> key != 0).min();
    }

    private long last(List<Integer> rows) {
        return rows.stream().mapToLong(row -> byRow[row]).max().orElse(0);
    }

    /**
     * Asks for the first one of these rows that was stored. Nobody else is given a key between them
     * that is so many steps away.
     */
    String firstStored(List<Integer> rows) {
        return firstStored(column, first(rows).orElseThrow(), last(rows), stride);
    }

    static String firstStored(DrawnColumn column, long first, long last, int stride) {
        String name = "`" + column.column().replace("`", "``") + "`";
        return "SELECT MIN(%s) FROM %s WHERE %s BETWEEN %d AND %d AND %s %% %d = %d LIMIT 1"
                .formatted(
                        name,
                        ScratchDefinition.qualified(column.keyspace(), column.table()),
                        name,
                        first,
                        last,
                        name,
                        stride,
                        first % stride);
    }
}
