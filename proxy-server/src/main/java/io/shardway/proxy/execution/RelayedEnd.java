package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.router.plan.InsertId;
import io.shardway.router.plan.Traits;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a relayed answer tells, what of it becomes the session's, and whether the node
 * must be asked for more. Confined to its event loop.
 */
final class RelayedEnd {

    /**
     * A deadlock, and with innodb_rollback_on_timeout a lock wait that took too long: InnoDB has
     * rolled back more than the statement.
     */
    private static final Set<Integer> ROLLING_BACK = Set.of(1213, 1205);

    private final StatementRunner runner;
    private final Session session;
    private final Traits traits;
    private final BackendCommand command;
    private boolean failure;
    private boolean rolledBack;
    private boolean mayHaveInsertId;
    private long drawnKey;
    private boolean drawnKeyStored;
    private boolean afterRows;
    private int warnings;
    private int status;
    private @Nullable PreparedStatement cursorOf;

    RelayedEnd(StatementRunner runner, Traits traits, BackendCommand command) {
        this.runner = runner;
        this.session = runner.session();
        this.traits = traits;
        this.command = command;
    }

    /** The statement's cursor stays open if the node says so. */
    void cursorOf(PreparedStatement statement) {
        cursorOf = statement;
    }

    /** The statement stores this key that the proxy drew; 0 for none. */
    void drew(long key) {
        drawnKey = key;
    }

    void failed() {
        failure = true;
    }

    boolean isFailure() {
        return failure;
    }

    /** Its error may come of a transaction that InnoDB has rolled back. */
    boolean mayHaveRolledBack() {
        return rolledBack;
    }

    /** Whether this error may come of a transaction that InnoDB has rolled back. */
    static boolean mayHaveRolledBack(int errorCode) {
        return ROLLING_BACK.contains(errorCode);
    }

    void resultEnded(ResultEnd end, BackendConnection connection) {
        failure = end.isError();
        if (failure) {
            rolledBack = mayHaveRolledBack(end.errorCode());
            mayHaveInsertId |= traits.insertId() != InsertId.KEPT;
            session.failedWith(end.errorCode(), end.sqlState(), end.errorMessage());
            return;
        }
        if (drawnKey != 0) {
            // Else nothing was inserted, or a row updated that was there before.
            drawnKeyStored = end.lastInsertId() == drawnKey;
        } else if (end.lastInsertId() != 0 && !InsertIds.take(session, connection, traits, end)) {
            mayHaveInsertId = true;
        }
        status = end.status();
        connection.statusIs(status);
        warnings = end.warnings();
        afterRows = end.isAfterRows();
        if (afterRows) {
            session.rowCountIs(-1);
            session.foundRowsAre(end.rows());
        } else {
            session.rowCountIs(end.affectedRows());
        }
        ShownEnd.show(runner, connection, traits, end);
    }

    void keepCursor(BackendConnection answering) {
        PreparedStatement statement = cursorOf;
        if (statement == null || failure) {
            return;
        }
        boolean open =
                (status & ServerStatus.CURSOR_EXISTS) != 0
                        && (status & ServerStatus.LAST_ROW_SENT) == 0;
        if (open) {
            statement.cursorOn(answering);
        } else {
            statement.cursorClosed(true);
        }
    }

    /** A statement without conditions clears those of the one before. */
    void forgetDiagnostics() {
        if (!failure && warnings == 0 && session.diagnostics() != Diagnostics.NONE) {
            session.diagnosticsAre(Diagnostics.NONE);
        }
    }

    boolean mustReadBack() {
        return failure
                || warnings > 0
                || mayHaveInsertId
                || traits.lastInsertId()
                || !traits.assignedVariables().isEmpty()
                || !session.transaction().characteristics().isEmpty()
                || (afterRows && (traits.skipsRows() || command.calculatesFoundRows(warnings)));
    }

    Settling.Answered answered() {
        return new Settling.Answered(
                failure, afterRows, warnings, mayHaveInsertId, traits.skipsRows());
    }

    /** The node knows it only as a key that was given. */
    void keepDrawnKey() {
        if (drawnKeyStored) {
            session.lastInsertIdIs(drawnKey);
        }
    }
}
