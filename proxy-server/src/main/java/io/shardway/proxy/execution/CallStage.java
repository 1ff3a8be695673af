package io.shardway.proxy.execution;

/** How far a {@link ShardCall} has come. */
enum CallStage {
    /** Not begun. */
    NEW,
    /** Waits for a connection. */
    LEASING,
    /** The connection is brought to the session's settings. */
    PREPARING,
    /** The command is sent; its answer is relayed. */
    SENT,
    /** Answered; warnings are read, the lease goes back. */
    SETTLING,
    /** Over. */
    DONE
}
