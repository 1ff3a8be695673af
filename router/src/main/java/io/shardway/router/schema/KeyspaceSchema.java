package io.shardway.router.schema;

import io.shardway.router.keyspace.SchemaEpoch;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All tables of one sharded keyspace at one schema epoch. Immutable.
 *
 * @param shardKey the keyspace's shard key column
 * @param tables by name as MySQL stores it (table names are case-sensitive)
 * @param unusable tables of the topology that the node has not, or not so: what is wrong with each
 */
public record KeyspaceSchema(
        String keyspace,
        String shardKey,
        SchemaEpoch epoch,
        Map<String, TableSchema> tables,
        Map<String, String> unusable) {

    public KeyspaceSchema {
        tables = Map.copyOf(tables);
        unusable = Map.copyOf(unusable);
    }

    /** All tables are as the topology says. */
    public KeyspaceSchema(
            String keyspace, String shardKey, SchemaEpoch epoch, Map<String, TableSchema> tables) {
        this(keyspace, shardKey, epoch, tables, Map.of());
    }

    /** Of all tables, the unusable ones too. */
    public Set<String> names() {
        var names = new HashSet<>(tables.keySet());
        names.addAll(unusable.keySet());
        return names;
    }

    public Optional<TableSchema> table(String name) {
        return Optional.ofNullable(tables.get(name));
    }
}
