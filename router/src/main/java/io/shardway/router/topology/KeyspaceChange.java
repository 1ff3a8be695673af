package io.shardway.router.topology;

import java.time.Instant;

/**
 * A change of a whole keyspace that was begun and is not over: one proxy is at it, or it stopped
 * half-way and goes on when its statement is sent again. Immutable.
 *
 * @param statement to be sent again; two changes are the same if this is
 * @param proxy the name of the proxy that began it, or went on with it last
 * @param begunAt when that was
 * @param problem why it stopped; empty as long as nobody could note one
 */
public record KeyspaceChange(String statement, String proxy, Instant begunAt, String problem) {

    /** The same, which stopped. */
    public KeyspaceChange stopped(String why) {
        return new KeyspaceChange(statement, proxy, begunAt, why);
    }
}
