package io.shardway.proxy.query;

/**
 * Tells what would be done with a statement, without doing it. Thread-safe. May block while it
 * parses.
 */
@FunctionalInterface
public interface Explainer {

    Explanation explain(String sql, AdminCaller caller);
}
