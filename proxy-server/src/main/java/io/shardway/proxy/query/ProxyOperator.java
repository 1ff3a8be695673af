package io.shardway.proxy.query;

import java.util.List;

/**
 * What operators may change through a proxy. Thread-safe; blocks. Failures are {@code
 * ShardwayException}s.
 */
public interface ProxyOperator extends DefinitionControl {

    /** What the tables of sharded keyspaces are like; fewer or none if the node is away. */
    List<TableFacts> describeTables();

    /** Makes and changes keyspaces. */
    KeyspaceAdmin keyspaces();

    /** Compares and repairs copies of reference tables. */
    ReferenceChecks references();

    /** Locks a lost proxy out of every node, then forgets it; returns what to tell. */
    String forgetProxy(int number);
}
