package io.shardway.proxy.auth;

/**
 * As whom a backend logs in. Immutable; {@code password} is not copied.
 *
 * @param schema default schema; empty for none
 */
public record BackendCredentials(String user, byte[] password, String schema) {

    /** Leaves the password out: it must never be printed. */
    @Override
    public String toString() {
        return "BackendCredentials[" + user + "]";
    }
}
