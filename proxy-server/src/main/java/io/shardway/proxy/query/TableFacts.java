package io.shardway.proxy.query;

import java.util.List;

/**
 * What the default shard's node tells of one table. Immutable.
 *
 * @param uniqueKeys unique keys with their columns, such as {@code PRIMARY (id, user_id)}
 * @param references tables that its foreign keys point to
 */
public record TableFacts(
        String keyspace, String table, List<UniqueKey> uniqueKeys, List<String> references) {

    /** One unique key. */
    public record UniqueKey(String name, List<String> columns) {
        public UniqueKey {
            columns = List.copyOf(columns);
        }
    }

    public TableFacts {
        uniqueKeys = List.copyOf(uniqueKeys);
        references = List.copyOf(references);
    }
}
