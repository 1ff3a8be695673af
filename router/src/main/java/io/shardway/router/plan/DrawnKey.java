package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;

/**
 * The AUTO_INCREMENT shard key of a table that a statement inserts into: the proxy draws it where
 * the statement does not give it. Immutable.
 */
public record DrawnKey(
        String keyspace, String table, String column, KeyType.Integer type, KeySource source) {

    public DrawnColumn drawnColumn() {
        return new DrawnColumn(keyspace, table, column, type);
    }

    /** The greatest key that can be drawn for a column of this type. */
    public static long max(KeyType.Integer type) {
        return IntegerKeys.max(type);
    }
}
