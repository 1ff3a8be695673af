package io.shardway.proxy.definition;

/**
 * The reference tables of a definition, whose copies were equal when it began, and which nobody
 * writes until this is closed. Confined to one thread; blocks.
 */
public interface HeldCopies extends AutoCloseable {

    /** Nothing is held: the definition is about other tables. */
    HeldCopies NONE =
            new HeldCopies() {
                @Override
                public void makeEqual() {}

                @Override
                public void close() {}
            };

    /**
     * Every shard has the definition: what it drew on each by itself (the time, ids, UUIDs) becomes
     * what the default shard drew. Throws {@code ShardwayException} if that fails.
     */
    void makeEqual();

    /** Lets writers go on. */
    @Override
    void close();
}
