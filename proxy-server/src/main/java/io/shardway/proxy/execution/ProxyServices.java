package io.shardway.proxy.execution;

import io.shardway.proxy.metrics.StatementKind;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.Accounts;
import java.util.concurrent.Semaphore;

/** What all sessions of a proxy share. Thread-safe. */
public interface ProxyServices {

    ProxySettings settings();

    /** Finds plans; safe for all loops. */
    Plans plans();

    Killer killer();

    /** Runs KILL for any session of the cluster. */
    KillRouter killRouter();

    Definitions definitions();

    Keyspaces keyspaces();

    ReferenceCopies references();

    AdminGate admin();

    /** Where keys are drawn; safe for all loops. */
    Sequences sequences();

    /** How large tables are over all shards. */
    TableSizes sizes();

    /** The newest accounts; the same object until they change. */
    Accounts accounts();

    /** Room for statements that bring rows of several shards to one node. */
    Semaphore assemblies();

    /** Room for rows on their way to their owners. */
    RowBudget heldRows();

    /** A read over several shards has brought so much, or has given up then. */
    void countedAssembly(long rows, long bytes);

    /** An error was sent to a client. */
    void counted(ErrorCode code);

    /** An INSERT waited so long for a key. */
    void countedSequenceWait(long nanos);

    /** A statement was answered, in so many nanoseconds since it came. */
    void countedStatement(StatementKind kind, long nanos);
}
