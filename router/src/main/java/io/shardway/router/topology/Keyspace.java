package io.shardway.router.topology;

import io.shardway.router.keyspace.SchemaEpoch;
import java.util.Map;
import java.util.Optional;

/**
 * A logical database. Immutable.
 *
 * @param name also the name of the MySQL schema on the nodes
 * @param shardKey the column that decides where rows live; empty for a plain keyspace
 * @param idStride the common step of generated ids, 64 unless chosen otherwise; 1 in a plain
 *     keyspace
 * @param tables by name as MySQL stores it; empty in a plain keyspace
 * @param state whether clients may use it
 */
public record Keyspace(
        String name,
        Optional<String> shardKey,
        int idStride,
        SchemaEpoch schemaEpoch,
        Map<String, TableEntry> tables,
        KeyspaceState state) {

    public static final int DEFAULT_ID_STRIDE = 64;

    /** MySQL's own limit of auto_increment_increment. */
    private static final int ID_STRIDE_MAX = 65_535;

    public Keyspace {
        tables = Map.copyOf(tables);
        if (shardKey.isPresent() && (idStride <= Shard.ID_OFFSET_MAX || idStride > ID_STRIDE_MAX)) {
            throw new IllegalArgumentException(
                    "ids of a sharded keyspace step by 64 to 65535, not " + idStride);
        }
        if (name.isBlank() || name.length() > 64) {
            throw new IllegalArgumentException("a keyspace name has 1 to 64 characters");
        }
        if (shardKey.isEmpty() && !tables.isEmpty()) {
            throw new IllegalArgumentException("a plain keyspace lists no tables: " + name);
        }
    }

    /** A keyspace that clients use. */
    public Keyspace(
            String name,
            Optional<String> shardKey,
            int idStride,
            SchemaEpoch schemaEpoch,
            Map<String, TableEntry> tables) {
        this(name, shardKey, idStride, schemaEpoch, tables, KeyspaceState.SERVED);
    }

    /** The same keyspace in another state. */
    public Keyspace in(KeyspaceState now) {
        return new Keyspace(name, shardKey, idStride, schemaEpoch, tables, now);
    }

    public boolean isServed() {
        return state == KeyspaceState.SERVED;
    }

    public boolean isSharded() {
        return shardKey.isPresent();
    }
}
