package io.shardway.router.plan;

import io.shardway.router.keyspace.KeyType;

/** An AUTO_INCREMENT column that the proxy draws for. Immutable. */
public record DrawnColumn(String keyspace, String table, String column, KeyType.Integer type) {

    /** The greatest key that can be drawn. */
    public long max() {
        return IntegerKeys.max(type);
    }
}
