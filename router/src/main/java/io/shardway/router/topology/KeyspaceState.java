package io.shardway.router.topology;

/** Whether a keyspace is there for clients. */
public enum KeyspaceState {
    /** Clients use it. */
    SERVED,
    /**
     * It is being made or changed into what its entry says; nobody may use it. If nobody works on
     * it any more, the statement that began it goes on with it when it is sent again.
     */
    MAKING,
    /** It is being dropped, and is gone for clients; DROP DATABASE goes on with it. */
    DROPPING
}
