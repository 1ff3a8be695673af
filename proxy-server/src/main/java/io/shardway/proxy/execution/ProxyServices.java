package io.shardway.proxy.execution;

import io.shardway.proxy.metrics.StatementKind;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;

/** What all sessions of a proxy share. Thread-safe. */
public interface ProxyServices {

    ProxySettings settings();

    /** Finds plans; safe for all loops. */
    Plans plans();

    Killer killer();

    /** Runs KILL for any session of the cluster. */
    KillRouter killRouter();

    Definitions definitions();

    AdminGate admin();

    /** An error was sent to a client. */
    void counted(ErrorCode code);

    /** A statement was answered, in so many nanoseconds since it came. */
    void countedStatement(StatementKind kind, long nanos);
}
