package io.shardway.proxy.auth;

/** The ways to prove a password that Shardway offers. Immutable. */
public enum AuthPlugin {
    /** SHA-256, with a cache for the fast path; MySQL's default since 8.0. */
    CACHING_SHA2_PASSWORD("caching_sha2_password"),

    /** SHA-1; for old clients and accounts that were made with it. */
    MYSQL_NATIVE_PASSWORD("mysql_native_password");

    private final String wireName;

    AuthPlugin(String wireName) {
        this.wireName = wireName;
    }

    /** The same, as accounts are stored with it. */
    public io.shardway.router.topology.AuthPlugin stored() {
        return switch (this) {
            case CACHING_SHA2_PASSWORD -> io.shardway.router.topology.AuthPlugin.CACHING_SHA2;
            case MYSQL_NATIVE_PASSWORD -> io.shardway.router.topology.AuthPlugin.NATIVE;
        };
    }

    /** The name in packets. */
    public String wireName() {
        return wireName;
    }
}
