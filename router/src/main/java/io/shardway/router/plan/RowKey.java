package io.shardway.router.plan;

/** What the values of one execution say of an AUTO_INCREMENT shard key. Immutable. */
public sealed interface RowKey {

    /**
     * The statement gives it.
     *
     * @param number the largest long for all that is larger
     */
    record Given(int bucket, long number) implements RowKey {}

    /** It is to be drawn. */
    record Drawn() implements RowKey {}

    /** A parameter marker in the text protocol: every MySQL answers with 1064. */
    record Unknown() implements RowKey {}
}
