package io.shardway.proxy.execution;

import java.util.concurrent.CompletionStage;

/** Tells how large tables are over all shards. Thread-safe. */
@FunctionalInterface
public interface TableSizes {

    /**
     * Fails with a {@code ShardwayException} when a shard does not tell.
     *
     * @param live as InnoDB has them now; else as MySQL remembers them, which costs less
     */
    CompletionStage<ShardedSizes> all(boolean live);
}
