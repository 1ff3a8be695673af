package io.shardway.proxy.frontend;

import io.shardway.proxy.execution.StatementRunner;

/** Carries out COM_CHANGE_USER. Thread-safe; called on the connection's event loop. */
public interface UserChange {

    /**
     * @param payload from the command byte on
     */
    void begin(FrontendConnection connection, StatementRunner runner, byte[] payload);
}
