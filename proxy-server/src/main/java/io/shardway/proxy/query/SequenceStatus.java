package io.shardway.proxy.query;

import java.util.List;

/**
 * One sequence that shard keys are drawn from. Immutable.
 *
 * @param next blocks that are taken from now on begin here or above
 * @param blocks which proxies may still draw from which keys
 * @param advanced when it last moved on
 */
public record SequenceStatus(
        String keyspace, String table, long next, List<String> blocks, String advanced) {

    public SequenceStatus {
        blocks = List.copyOf(blocks);
    }
}
