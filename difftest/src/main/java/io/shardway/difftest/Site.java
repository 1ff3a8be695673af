package io.shardway.difftest;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The same tables in one MySQL and behind Shardway. Its connections are the caller's to close.
 * Confined to one thread.
 */
public interface Site {

    /**
     * @param parameters of Connector/J, such as {@code useServerPrepStmts=true}
     */
    Connection direct(String parameters) throws SQLException;

    Connection proxied(String parameters) throws SQLException;

    /** As an account that may ask SHARDWAY EXPLAIN; in the keyspace. */
    Connection admin() throws SQLException;

    /** The schema on the direct side. */
    String schema();

    /** The same on Shardway's side. */
    String keyspace();
}
