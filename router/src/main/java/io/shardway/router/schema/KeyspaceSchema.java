package io.shardway.router.schema;

import io.shardway.router.keyspace.SchemaEpoch;
import java.util.Map;
import java.util.Optional;

/**
 * All tables of one sharded keyspace at one schema epoch. Immutable.
 *
 * @param shardKey the keyspace's shard key column
 * @param tables by name as MySQL stores it (table names are case-sensitive)
 */
public record KeyspaceSchema(
        String keyspace, String shardKey, SchemaEpoch epoch, Map<String, TableSchema> tables) {

    public KeyspaceSchema {
        tables = Map.copyOf(tables);
    }

    public Optional<TableSchema> table(String name) {
        return Optional.ofNullable(tables.get(name));
    }
}
