package io.shardway.router.sql;

import java.util.OptionalLong;

/**
 * What only the session knows, and its backend connection would answer wrongly. Immutable.
 *
 * @param user such as {@code app@127.0.0.1}
 * @param currentUser the account, such as {@code app@%}
 * @param waitTimeout in seconds, if the client set it
 * @param interactiveTimeout in seconds, if the client set it
 */
public record SessionValues(
        long connectionId,
        String user,
        String currentUser,
        long rowCount,
        long foundRows,
        OptionalLong waitTimeout,
        OptionalLong interactiveTimeout) {

    /** The client set no timeout. */
    public SessionValues(
            long connectionId, String user, String currentUser, long rowCount, long foundRows) {
        this(
                connectionId,
                user,
                currentUser,
                rowCount,
                foundRows,
                OptionalLong.empty(),
                OptionalLong.empty());
    }
}
