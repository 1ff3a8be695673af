package io.shardway.proxy.auth;

/**
 * What a node said when a backend logged in. Immutable.
 *
 * @param connectionId for KILL; the greeting has only its low 32 bits
 * @param capabilities agreed: asked for and offered
 * @param status flags of {@code ServerStatus}
 */
public record BackendHello(
        long connectionId, String serverVersion, long capabilities, int status) {}
