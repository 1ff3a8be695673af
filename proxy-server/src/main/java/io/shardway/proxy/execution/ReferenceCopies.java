package io.shardway.proxy.execution;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What this proxy knows of the copies of reference tables. Thread-safe. */
public interface ReferenceCopies {

    /**
     * Whether one of the shard's copies of these tables must not be read: it lacks a write, or
     * nobody knows. The default shard's never lack one.
     */
    boolean isFenced(ShardId shard, Set<ReferenceTable> tables);

    /** Why the table cannot be written now, if so. */
    Optional<String> obstacle(ReferenceTable table);

    /**
     * A write is decided, but these shards may lack it: fences their copies and repairs them.
     *
     * @param receiver called once, on any thread, with the shards that are still fenced after a
     *     while
     */
    void lacking(ReferenceTable table, Set<ShardId> shards, Consumer<Set<ShardId>> receiver);

    /** Lets one statement of this proxy at a time write a table. */
    ReferenceQueue queue();
}
