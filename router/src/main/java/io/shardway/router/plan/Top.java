package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which rows of a table can be in the answer: on each shard the first ones in an order. Immutable.
 *
 * @param order empty if any rows will do
 */
public record Top(List<Key> order, Scatter.Limit limit) {

    /** A column that rows are ordered by, as MySQL orders it. */
    public record Key(String column, boolean descending) {}

    public Top {
        order = List.copyOf(order);
    }

    /**
     * The statement for its answer's rows alone, of which none is skipped any more.
     *
     * @param wanted what LIMIT says
     */
    public Scatter.Sent unskipped(byte[] text, SqlDialect dialect, Scatter.Range wanted) {
        return new ScatterText(text, 0, text.length, dialect)
                .upTo(limit.first())
                .write("LIMIT ")
                .number(wanted.count(), limit.isBound())
                .skipThrough(limit.last())
                .end();
    }

    /** What goes behind a WHERE clause on this alias. */
    String orderBy(String alias) {
        return order.isEmpty()
                ? ""
                : order.stream()
                        .map(key ->
                                QuotedName.of(alias)
                                        + "."
                                        + QuotedName.of(key.column())
                                        + (key.descending() ? " DESC" : ""))
                        .collect(Collectors.joining(", ", " ORDER BY ", ""));
    }
}
