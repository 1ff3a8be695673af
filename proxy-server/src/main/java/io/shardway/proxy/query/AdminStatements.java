package io.shardway.proxy.query;

/**
 * Carries out statements that begin with SHARDWAY. Thread-safe. May block (it asks ZooKeeper): call
 * it on a virtual thread, never on an event loop.
 */
public interface AdminStatements {

    /**
     * Never throws for what a caller can do wrong: that is {@link AdminAnswer.Refused}.
     *
     * @param sql the whole statement as the client wrote it
     */
    AdminAnswer execute(String sql, AdminCaller caller);
}
