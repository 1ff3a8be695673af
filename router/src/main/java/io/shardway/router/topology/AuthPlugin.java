package io.shardway.router.topology;

/** How a client proves its password. */
public enum AuthPlugin {
    /** {@code caching_sha2_password}, MySQL's default. */
    CACHING_SHA2("caching_sha2_password"),
    /** {@code mysql_native_password}, for old clients. */
    NATIVE("mysql_native_password");

    private final String mysqlName;

    AuthPlugin(String mysqlName) {
        this.mysqlName = mysqlName;
    }

    /** As the protocol spells it. */
    public String mysqlName() {
        return mysqlName;
    }
}
