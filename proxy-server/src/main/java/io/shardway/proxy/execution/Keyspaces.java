package io.shardway.proxy.execution;

import io.shardway.router.ShardwayException;
import io.shardway.router.plan.KeyspaceDefinition;
import java.util.function.Consumer;

/** Makes, changes and drops keyspaces. Thread-safe. */
public interface Keyspaces {

    /** What became of a definition. Immutable. */
    sealed interface Outcome {

        /**
         * @param affectedRows as MySQL counts them
         */
        record Done(long affectedRows) implements Outcome {}

        /** CREATE: there is one. Nothing was changed. */
        record Exists() implements Outcome {}

        /** DROP or ALTER: there is none. Nothing was changed. */
        record Missing() implements Outcome {}

        /** MySQL's own error. Nothing was changed. */
        record RefusedByNode(int code, String sqlState, String message) implements Outcome {}

        record Failed(ShardwayException reason) implements Outcome {}
    }

    /**
     * Carries a definition out and waits until every living proxy serves it.
     *
     * @param receiver called once, on any thread
     */
    void define(KeyspaceDefinition definition, Consumer<Outcome> receiver);

    /** The account that is the definer of everything a plain keyspace stores. */
    String definerOf(String keyspace);
}
