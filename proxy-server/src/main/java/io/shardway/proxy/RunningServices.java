package io.shardway.proxy;

import io.shardway.proxy.execution.AdminGate;
import io.shardway.proxy.execution.Definitions;
import io.shardway.proxy.execution.Keyspaces;
import io.shardway.proxy.execution.KillRouter;
import io.shardway.proxy.execution.Killer;
import io.shardway.proxy.execution.Plans;
import io.shardway.proxy.execution.ProxyServices;
import io.shardway.proxy.execution.ReferenceCopies;
import io.shardway.proxy.execution.RowBudget;
import io.shardway.proxy.execution.TableSizes;
import io.shardway.proxy.metrics.ProxyMetrics;
import io.shardway.proxy.metrics.StatementKind;
import io.shardway.proxy.sequence.Sequences;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.Accounts;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The parts all sessions share. Immutable; its parts are thread-safe. */
record RunningServices(
        ProxySettings settings,
        Plans plans,
        Killer killer,
        KillRouter killRouter,
        Definitions definitions,
        Keyspaces keyspaces,
        ReferenceCopies references,
        AdminGate admin,
        Sequences sequences,
        TableSizes sizes,
        Semaphore assemblies,
        RowBudget heldRows,
        Supplier<Accounts> accountsNow,
        ProxyMetrics metrics)
        implements ProxyServices {

    @Override
    public Accounts accounts() {
        return accountsNow.get();
    }

    @Override
    public void counted(ErrorCode code) {
        metrics.error(code);
    }

    @Override
    public void countedSequenceWait(long nanos) {
        metrics.sequenceWait(nanos);
    }

    @Override
    public void countedAssembly(long rows, long bytes) {
        metrics.assembled(rows, bytes);
    }

    @Override
    public void countedStatement(StatementKind kind, long nanos) {
        metrics.statement(kind, nanos);
    }
}
