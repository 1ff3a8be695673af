package io.shardway.proxy.backend;

/**
 * Under which MySQL account a connection to a node is logged in. Immutable.
 *
 * @param keyspace of {@link Kind#PLAIN}; empty for the others
 */
public record BackendAccount(Kind kind, String keyspace) {

    /** What accounts a proxy uses on the nodes. */
    public enum Kind {
        /** The proxy's serving account, for sharded keyspaces and statements without tables. */
        SERVING,
        /** The proxy's account for one plain keyspace, which reaches nothing else. */
        PLAIN,
        /** The owner account: it makes views, routines, triggers and events. */
        OWNER
    }

    public static final BackendAccount SERVING = new BackendAccount(Kind.SERVING, "");
    public static final BackendAccount OWNER = new BackendAccount(Kind.OWNER, "");

    public static BackendAccount ofPlain(String keyspace) {
        return new BackendAccount(Kind.PLAIN, keyspace);
    }

    public boolean isPlain() {
        return kind == Kind.PLAIN;
    }
}
