package io.shardway.router.topology;

/**
 * KILL of a session that lives on another proxy. Immutable.
 *
 * @param connectionId as the client of that session was told
 * @param queryOnly KILL QUERY: the session goes on
 * @param byAccount who asks
 * @param byAdmin whether the asker may kill sessions of other accounts
 */
public record KillRequest(
        long connectionId, boolean queryOnly, String byAccount, boolean byAdmin) {}
