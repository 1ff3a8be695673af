package io.shardway.proxy.audit;

import io.shardway.router.ErrorCode;
import java.util.Optional;

/**
 * An admin statement that was carried out or refused. Immutable.
 *
 * @param statement its words, such as {@code CREATE ACCOUNT}
 * @param of what it was about; never a password
 */
public record Administration(
        Caller by, String statement, String of, boolean changes, Optional<ErrorCode> refused) {

    /**
     * Who sent it.
     *
     * @param client the address
     */
    public record Caller(long session, String account, String client) {}
}
