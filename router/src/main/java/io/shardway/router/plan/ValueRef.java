package io.shardway.router.plan;

/** Where a value of the shard key stands in a statement. Immutable. */
public sealed interface ValueRef {

    /**
     * A literal of the text.
     *
     * @param index counts all literals of the statement from 0, as {@link
     *     io.shardway.router.sql.Literals} does
     * @param negated a minus sign stands before it
     */
    record Literal(int index, boolean negated) implements ValueRef {}

    /**
     * A parameter of a prepared statement.
     *
     * @param index counts parameters from 0
     */
    record Parameter(int index) implements ValueRef {}
}
