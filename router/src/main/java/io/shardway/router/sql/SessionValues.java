package io.shardway.router.sql;

/**
 * What only the session knows, and its backend connection would answer wrongly. Immutable.
 *
 * @param user such as {@code app@127.0.0.1}
 * @param currentUser the account, such as {@code app@%}
 */
public record SessionValues(
        long connectionId, String user, String currentUser, long rowCount, long foundRows) {}
