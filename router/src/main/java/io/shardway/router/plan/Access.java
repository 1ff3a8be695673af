package io.shardway.router.plan;

/** What a statement does to rows. */
public enum Access {
    /** Reads without locks; may be sent again if no byte of its answer was passed on. */
    READ,
    /**
     * Reads that lock, or that may have a side effect: never sent again, but does not make a shard
     * a written one.
     */
    LOCKING_READ,
    /** Changes rows or definitions, or may do so. */
    WRITE
}
