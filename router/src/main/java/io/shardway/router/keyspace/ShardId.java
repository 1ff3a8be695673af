package io.shardway.router.keyspace;

import java.util.regex.Pattern;

/**
 * The name of a shard, such as {@code s1}. Immutable.
 *
 * @param name letters, digits, {@code _} and {@code -}; at most 32 characters
 */
public record ShardId(String name) implements Comparable<ShardId> {

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    public ShardId {
        if (!ALLOWED.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a shard name has 1 to 32 letters, digits, '_' or '-', not: " + name);
        }
    }

    @Override
    public int compareTo(ShardId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
