package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Serving;
import io.shardway.router.Deadline;
import io.shardway.router.topology.Node;
import java.sql.Connection;
import java.sql.SQLException;

/** What definitions need of the proxy they run in. Thread-safe; methods block. */
public interface DefinitionSite {

    /** The name of this proxy. */
    String proxyName();

    /** The newest topology and its catalog, served from now on. */
    Serving refreshed();

    /** A connection of the owner account for short questions; the caller closes it. */
    Connection ask(Node node) throws SQLException;

    /** A connection of the owner account for one definition; the caller closes it. */
    Connection alone(Node node) throws SQLException;

    /**
     * Has keys of a table that proxies draw for it begin here, if they draw any; throws {@code
     * ShardwayException} if that did not become of it in time.
     */
    void beginKeys(String keyspace, String table, long first, Deadline deadline);

    /**
     * A definition got so far. Tests stop processes here; otherwise nothing happens.
     *
     * @param moment such as {@code recorded} or {@code s1:sent}
     */
    void reached(String moment);
}
