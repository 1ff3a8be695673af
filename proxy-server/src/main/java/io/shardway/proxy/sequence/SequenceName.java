package io.shardway.proxy.sequence;

/** Which table a sequence draws keys for. Immutable. */
public record SequenceName(String keyspace, String table) {

    @Override
    public String toString() {
        return keyspace + "." + table;
    }
}
