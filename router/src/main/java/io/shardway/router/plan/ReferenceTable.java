package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;

/**
 * A reference table by its full name, as MySQL stores it. Immutable.
 *
 * @param keyspace the sharded keyspace it belongs to
 */
public record ReferenceTable(String keyspace, String name) implements Comparable<ReferenceTable> {

    @Override
    public int compareTo(ReferenceTable other) {
        int order = keyspace.compareTo(other.keyspace);
        return order == 0 ? name.compareTo(other.name) : order;
    }

    /** With backquotes, ready for SQL. */
    public String quoted() {
        return QuotedName.of(keyspace, name);
    }

    @Override
    public String toString() {
        return keyspace + "." + name;
    }
}
