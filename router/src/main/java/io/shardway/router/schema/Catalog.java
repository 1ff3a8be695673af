package io.shardway.router.schema;

import io.shardway.router.keyspace.Epoch;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What statements may name at one epoch: every keyspace, and the tables of the sharded ones.
 * Immutable; shared freely between threads. Plans made with one catalog are never used with
 * another.
 *
 * @param sharded by keyspace name
 * @param plain names of plain keyspaces
 */
public record Catalog(Epoch epoch, Map<String, KeyspaceSchema> sharded, Set<String> plain) {

    public Catalog {
        sharded = Map.copyOf(sharded);
        plain = Set.copyOf(plain);
    }

    public Optional<KeyspaceSchema> sharded(String keyspace) {
        return Optional.ofNullable(sharded.get(keyspace));
    }

    /** Whether a table of some keyspace is not as the topology says. */
    public boolean hasUnusable() {
        return sharded.values().stream().anyMatch(schema -> !schema.unusable().isEmpty());
    }

    public boolean has(String keyspace) {
        return sharded.containsKey(keyspace) || plain.contains(keyspace);
    }
}
