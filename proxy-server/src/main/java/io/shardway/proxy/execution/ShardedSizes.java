package io.shardway.proxy.execution;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How large the sharded tables are, over all shards. Immutable.
 *
 * @param tables by keyspace, then by name
 */
public record ShardedSizes(Map<String, Map<String, Size>> tables) {

    public static final ShardedSizes NONE = new ShardedSizes(Map.of());

    /**
     * One table.
     *
     * @param nextId what AUTO_INCREMENT shows: no id of this or more was given yet
     * @param updated seconds since 1970
     */
    public record Size(
            long rows,
            long dataBytes,
            long indexBytes,
            long freeBytes,
            OptionalLong nextId,
            OptionalLong updated) {

        /** Two shards' parts together. */
        public Size plus(Size other) {
            return new Size(
                    rows + other.rows,
                    dataBytes + other.dataBytes,
                    indexBytes + other.indexBytes,
                    freeBytes + other.freeBytes,
                    greater(nextId, other.nextId),
                    greater(updated, other.updated));
        }

        /** With ids from a sequence. */
        public Size nextIdIs(long next) {
            return new Size(rows, dataBytes, indexBytes, freeBytes, OptionalLong.of(next), updated);
        }

        public Size nextIdAtLeast(long next) {
            return nextIdIs(greater(nextId, OptionalLong.of(next)).orElse(next));
        }

        private static OptionalLong greater(OptionalLong one, OptionalLong two) {
            if (one.isEmpty() || two.isEmpty()) {
                return one.isEmpty() ? two : one;
            }
            return OptionalLong.of(Math.max(one.getAsLong(), two.getAsLong()));
        }
    }

    public ShardedSizes {
        tables = Map.copyOf(tables);
    }

    public Optional<Map<String, Size>> of(String keyspace) {
        return Optional.ofNullable(tables.get(keyspace));
    }
}
