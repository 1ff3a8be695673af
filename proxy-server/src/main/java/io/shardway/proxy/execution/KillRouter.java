package io.shardway.proxy.execution;

import io.shardway.proxy.session.SessionIdentity;
import java.util.function.Consumer;

/** Delivers KILL to the session it names, wherever that is. Thread-safe. */
public interface KillRouter {

    /** What became of a KILL. */
    enum Outcome {
        DELIVERED,
        UNKNOWN_SESSION,
        NOT_ALLOWED,
        UNREACHABLE
    }

    /**
     * @param receiver called once, on any thread
     */
    void kill(long connectionId, boolean queryOnly, SessionIdentity by, Consumer<Outcome> receiver);
}
