package io.shardway.proxy.query;

import java.util.Optional;

/**
 * Makes and changes keyspaces for administrators. Thread-safe; methods block, and throw what was
 * wrong.
 */
public interface KeyspaceAdmin {

    /**
     * A sharded keyspace.
     *
     * @return what was done, for the administrator
     */
    String create(String name, String shardKey, boolean ifNotExists);

    /**
     * Changes the kind of a keyspace without tables.
     *
     * @param shardKey empty: plain
     */
    String alter(String name, Optional<String> shardKey);
}
