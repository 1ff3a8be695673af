package io.shardway.proxy.query;

import io.shardway.router.topology.Keyspace;

/**
 * A keyspace with a change of the whole of it that is not over. Immutable.
 *
 * @param running a proxy is at it; if not, it stopped half-way
 */
public record UnfinishedKeyspace(Keyspace keyspace, boolean running) {}
