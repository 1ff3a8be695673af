package io.shardway.proxy.frontend;

import io.shardway.router.keyspace.ShardId;
import java.util.List;

/**
 * What one session does, as SHOW SESSIONS tells it. Immutable.
 *
 * @param queuedBytes of its answer that wait in the proxy for the client to take them
 */
public record SessionFigures(
        long id,
        String user,
        String host,
        String keyspace,
        String command,
        long seconds,
        String state,
        String info,
        String held,
        List<ShardId> shards,
        long queuedBytes) {}
