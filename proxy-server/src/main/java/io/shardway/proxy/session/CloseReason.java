package io.shardway.proxy.session;

/** Why a client connection ended; a label of a metric. */
public enum CloseReason {
    /** The client said goodbye. */
    QUIT,
    /** The client's connection was gone. */
    CLIENT_GONE,
    /** The login did not succeed. */
    LOGIN_FAILED,
    /** The client broke the protocol. */
    MALFORMED,
    /** Nothing came for wait_timeout. */
    IDLE,
    /** The client took nothing of its answer for the write timeout. */
    WRITE_TIMEOUT,
    /** The account was dropped. */
    ACCOUNT_DROPPED,
    /** KILL. */
    KILLED,
    /** COMMIT or ROLLBACK ... RELEASE. */
    RELEASED,
    /** A statement made the session hold more variables, or larger ones, than it may. */
    TOO_MANY_SETTINGS,
    /** A node was lost in the middle of an answer. */
    ANSWER_CUT,
    /** The proxy stops. */
    DRAINED,
    /** A fault of our own. */
    BUG
}
