package io.shardway.proxy.execution;

import java.util.Set;

/** What became of a transaction's part on one shard at COMMIT. Immutable. */
enum CommitOutcome {
    /** MySQL said so. */
    DONE,
    /** It was rolled back, or went with its connection before COMMIT was sent. */
    NOT_DONE,
    /** COMMIT was sent, and no answer tells. */
    UNKNOWN;

    /**
     * After these MySQL has not committed: lock waits, deadlocks, read-only servers, interruption
     * while it waits to begin committing, and what a replication plugin turned down.
     */
    private static final Set<Integer> NOTHING_COMMITTED =
            Set.of(1205, 1213, 1290, 1317, 1792, 1836, 3024, 3100, 3101);

    /** Of a COMMIT that MySQL answered with an error. */
    static CommitOutcome ofError(int code) {
        return NOTHING_COMMITTED.contains(code) ? NOT_DONE : UNKNOWN;
    }
}
