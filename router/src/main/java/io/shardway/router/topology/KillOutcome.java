package io.shardway.router.topology;

/** What became of a {@link KillRequest}. */
public enum KillOutcome {
    /** The session was told. */
    DELIVERED,
    /** That proxy has no such session, or there never was such a proxy. */
    UNKNOWN_SESSION,
    /** The session belongs to another account, and the asker is no admin. */
    DENIED,
    /** No answer: not alive, busy or too late. The session may have been killed. */
    UNREACHABLE
}
