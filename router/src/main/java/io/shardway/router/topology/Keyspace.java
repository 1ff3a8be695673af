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
 * @param life whether clients may use it, and what is being done to it
 */
public record Keyspace(
        String name,
        Optional<String> shardKey,
        int idStride,
        SchemaEpoch schemaEpoch,
        Map<String, TableEntry> tables,
        KeyspaceLife life) {

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

    /** A keyspace that clients use, without a definition under way. */
    public Keyspace(
            String name,
            Optional<String> shardKey,
            int idStride,
            SchemaEpoch schemaEpoch,
            Map<String, TableEntry> tables) {
        this(name, shardKey, idStride, schemaEpoch, tables, KeyspaceLife.SERVED);
    }

    public KeyspaceState state() {
        return life.state();
    }

    /** What was begun with the whole keyspace and is not over. */
    public Optional<KeyspaceChange> change() {
        return life.change();
    }

    /** The definition that is under way or half done, if its tables must be spared. */
    public Optional<OpenDefinition> definition() {
        return life.definition();
    }

    /** Number of the definition that changed it last; 0 for none. */
    public long published() {
        return life.published();
    }

    public boolean isServed() {
        return state() == KeyspaceState.SERVED;
    }

    public boolean isSharded() {
        return shardKey.isPresent();
    }

    /** The same keyspace in another state. */
    public Keyspace in(KeyspaceState now) {
        return with(life.in(now));
    }

    /** The same with another change of the whole keyspace, or none. */
    public Keyspace changing(Optional<KeyspaceChange> now) {
        return with(life.changing(now));
    }

    /** The same with another definition under way. */
    public Keyspace withDefinition(Optional<OpenDefinition> now) {
        return with(life.withDefinition(now));
    }

    /** The same, changed by this definition. */
    public Keyspace publishedBy(long definitionNumber) {
        return with(life.publishedBy(definitionNumber));
    }

    private Keyspace with(KeyspaceLife now) {
        return new Keyspace(name, shardKey, idStride, schemaEpoch, tables, now);
    }

    /** The same with other tables. */
    public Keyspace withTables(Map<String, TableEntry> now) {
        return new Keyspace(name, shardKey, idStride, schemaEpoch, now, life);
    }

    /** The same as of another schema epoch. */
    public Keyspace at(SchemaEpoch epoch) {
        return new Keyspace(name, shardKey, idStride, epoch, tables, life);
    }
}
