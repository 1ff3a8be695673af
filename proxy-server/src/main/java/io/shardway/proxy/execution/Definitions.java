package io.shardway.proxy.execution;

import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Plan;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings changes of tables into the topology. Thread-safe. */
public interface Definitions {

    /** Why no definition can be carried out now, if so. */
    Optional<ShardwayException> obstacle();

    /** The shards a definition runs on, the default shard first. */
    List<ShardId> shardsOf(Plan.Definition definition, Serving serving);

    /**
     * The definition ran on all its shards: publishes it and waits until every live proxy serves
     * it.
     *
     * @param receiver called once, on any thread; empty when all is well
     */
    void publish(Plan.Definition definition, Consumer<Optional<ShardwayException>> receiver);
}
