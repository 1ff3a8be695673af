package io.shardway.router.plan;

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

    /** What goes behind a WHERE clause on this alias. */
    String orderBy(String alias) {
        return order.isEmpty()
                ? ""
                : order.stream()
                        .map(key ->
                                AssembledText.quoted(alias)
                                        + "."
                                        + AssembledText.quoted(key.column())
                                        + (key.descending() ? " DESC" : ""))
                        .collect(Collectors.joining(", ", " ORDER BY ", ""));
    }
}
