package io.shardway.router.topology;

import java.time.Instant;

/**
 * How far a definition is, and who carries it out. Immutable.
 *
 * @param runner tells this run from others, of other proxies and of the same
 * @param proxy the name of the proxy that runs it
 * @param problem why it is half done or failed; empty otherwise
 */
public record DefinitionProgress(
        State state,
        String runner,
        String proxy,
        String problem,
        Instant begunAt,
        Instant changedAt) {

    /** The life of a definition. */
    public enum State {
        /** Its proxy is at it, or was when last heard of. */
        RUNNING,
        /** Some of it was done, or nobody knows: it waits for RESUME or ABANDON. */
        HALF_DONE,
        /** All shards and the topology have it. */
        DONE,
        /** It changed nothing. */
        FAILED,
        /** It was taken back. */
        ABANDONED;

        /** Whether something may still come of it. */
        public boolean isOpen() {
            return this == RUNNING || this == HALF_DONE;
        }
    }

    public DefinitionProgress in(State now, String why, Instant at) {
        return new DefinitionProgress(now, runner, proxy, why, begunAt, at);
    }

    public DefinitionProgress takenOver(String byRunner, String byProxy, Instant at) {
        return new DefinitionProgress(State.RUNNING, byRunner, byProxy, "", begunAt, at);
    }
}
