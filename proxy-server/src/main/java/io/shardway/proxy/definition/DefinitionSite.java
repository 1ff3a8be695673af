package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Serving;
import io.shardway.router.Deadline;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
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
     * Keeps writers from the reference tables of a definition. Throws {@code ShardwayException} if
     * a copy lacks a write, or is not known not to: what is done to it could hide that.
     */
    HeldCopies hold(Topology topology, String keyspace, DefinitionChange change);

    /**
     * A definition got so far. Tests stop processes here; otherwise nothing happens.
     *
     * @param moment such as {@code recorded} or {@code s1:sent}
     */
    void reached(String moment);
}
