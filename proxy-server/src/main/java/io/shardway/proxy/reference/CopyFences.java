package io.shardway.proxy.reference;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which copies of reference tables must not be read, as far as this proxy knows: those that lack a
 * write, all of a shard that does not tell, and all of a shard that was not asked yet. Thread-safe.
 */
final class CopyFences {

    private final Map<ShardId, Fence> fences = new ConcurrentHashMap<>();

    /** Of a shard that was asked; the tables stay fenced whatever becomes of the shard. */
    private record Fence(boolean everything, Set<ReferenceTable> tables) {
        private static final Fence NOTHING = new Fence(false, Set.of());

        private Fence with(Collection<ReferenceTable> more) {
            var all = new HashSet<>(tables);
            all.addAll(more);
            return new Fence(everything, Set.copyOf(all));
        }

        private Fence without(ReferenceTable table) {
            var rest = new HashSet<>(tables);
            rest.remove(table);
            return new Fence(everything, Set.copyOf(rest));
        }
    }

    boolean isFenced(ShardId shard, Set<ReferenceTable> tables) {
        if (tables.isEmpty()) {
            return false;
        }
        Fence fence = fences.get(shard);
        if (fence == Fence.NOTHING) {
            return false;
        }
        return fence == null
                || fence.everything()
                || tables.stream().anyMatch(fence.tables()::contains);
    }

    /** Whether the table is fenced by its name. */
    boolean isFenced(ShardId shard, ReferenceTable table) {
        Fence fence = fences.get(shard);
        return fence != null && fence.tables().contains(table);
    }

    /** Other shards are gone; should one come back, it is asked first. */
    void retain(Set<ShardId> shards) {
        fences.keySet().retainAll(shards);
    }

    /** There is no reference table: what is made later has no write that a copy could lack. */
    void nothingToFence(Set<ShardId> shards) {
        shards.forEach(shard -> fences.putIfAbsent(shard, Fence.NOTHING));
    }

    void fenceAll(ShardId shard) {
        fences.compute(shard, (_, old) -> new Fence(true, old == null ? Set.of() : old.tables()));
    }

    void fence(ShardId shard, ReferenceTable table) {
        fences.compute(
                shard,
                (_, old) -> (old == null ? new Fence(true, Set.of()) : old).with(Set.of(table)));
    }

    /**
     * The shard was asked; these may be wrong. If it was away or new, they are fenced by name
     * before the rest is read.
     */
    void asked(ShardId shard, Set<ReferenceTable> suspects) {
        fences.compute(
                shard,
                (_, old) -> {
                    if (old != null && !old.everything()) {
                        return old;
                    }
                    var tables = new HashSet<>(suspects);
                    tables.addAll(old == null ? Set.of() : old.tables());
                    return ofTables(tables);
                });
    }

    /** The copy is current. */
    void unfence(ShardId shard, ReferenceTable table) {
        fences.computeIfPresent(
                shard,
                (_, old) -> {
                    Fence rest = old.without(table);
                    return rest.everything() ? rest : ofTables(rest.tables());
                });
    }

    private static Fence ofTables(Set<ReferenceTable> tables) {
        return tables.isEmpty() ? Fence.NOTHING : new Fence(false, Set.copyOf(tables));
    }
}
