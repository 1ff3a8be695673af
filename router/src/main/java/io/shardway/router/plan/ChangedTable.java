package io.shardway.router.plan;

import io.shardway.router.schema.TableSchema;
import java.util.List;
import java.util.Optional;

/**
 * A table that an UPDATE or DELETE over several shards writes. Immutable.
 *
 * @param key empty for a table that is on the default shard only
 * @param assigned the columns that UPDATE sets; empty for DELETE
 */
public record ChangedTable(
        String keyspace, TableSchema schema, Optional<TableSchema.Key> key, List<String> assigned) {

    public ChangedTable {
        assigned = List.copyOf(assigned);
    }

    /** Whether its rows are deleted and not updated. */
    public boolean isDeleted() {
        return assigned.isEmpty();
    }

    public boolean assigns(String column) {
        return assigned.stream().anyMatch(column::equalsIgnoreCase);
    }
}
