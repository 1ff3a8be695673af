package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.plan.Traits;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads back from the node, behind a statement's answer, what the client may ask for later: the
 * next statement may find another connection. Confined to its event loop.
 */
final class Settling {

    private final StatementRunner runner;
    private final Session session;
    private final BackendConnection connection;
    private final Traits traits;
    private final BackendCommand command;
    private final Answered answered;
    private final Consumer<Boolean> settled;

    /**
     * How the statement was answered, as far as it matters here. Immutable.
     *
     * @param skipsRows FOUND_ROWS() may count others than were sent
     */
    record Answered(
            boolean failed,
            boolean afterRows,
            int warnings,
            boolean mayHaveInsertId,
            boolean skipsRows) {

        boolean hasDiagnostics() {
            return failed || warnings > 0;
        }

        private boolean hasFoundRows(BackendCommand command) {
            return afterRows && !failed && (skipsRows || command.calculatesFoundRows(warnings));
        }
    }

    /**
     * @param settled hears whether the connection is still good
     */
    Settling(
            StatementRunner runner,
            BackendConnection connection,
            Traits traits,
            BackendCommand command,
            Answered answered,
            Consumer<Boolean> settled) {
        this.runner = runner;
        this.session = runner.session();
        this.connection = connection;
        this.traits = traits;
        this.command = command;
        this.answered = answered;
        this.settled = settled;
    }

    void start() {
        if (!answered.hasDiagnostics()) {
            readFoundRows();
        } else if (connection.isUsable()) {
            readDiagnostics();
        } else {
            settled.accept(false);
        }
    }

    private void broken() {
        connection.close();
        settled.accept(false);
    }

    /**
     * What the client would ask for later is not known, and it has its answer: it must not go on
     * with an old value.
     */
    private void unknown(CloseReason reason) {
        runner.client().close(reason);
        broken();
    }

    /**
     * An error tells nothing of what the statement changed before it failed (a procedure, a
     * trigger); the next answer on the connection does.
     */
    private void readDiagnostics() {
        connection.query(
                "SHOW WARNINGS",
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        connection.statusIs(rows.status());
                        if (answered.failed()) {
                            VariableChanges.apply(
                                    session, connection, rows.end().changes(), traits);
                        }
                        keepDiagnostics(
                                DiagnosticsReader.read(
                                        rows,
                                        runner.session().profile(),
                                        runner.diagnosticsBytesMax()));
                        readFoundRows();
                    } else {
                        broken();
                    }
                });
    }

    /** SHOW WARNINGS does not tell SQL states; that of the error came with it. */
    private void keepDiagnostics(Diagnostics read) {
        List<Diagnostics.Condition> ended =
                answered.failed() ? session.diagnostics().errors() : List.of();
        session.diagnosticsAre(
                ended.size() == 1
                        ? read.endedBy(
                                ended.getFirst().code(),
                                ended.getFirst().sqlState().orElse("HY000"))
                        : read);
    }

    private void readFoundRows() {
        if (!answered.hasFoundRows(command)) {
            readInsertId();
            return;
        }
        connection.query(
                "SELECT FOUND_ROWS()",
                answer -> {
                    byte[] cell =
                            answer instanceof CollectedAnswer.Rows rows && rows.rowCount() == 1
                                    ? rows.cell(0, 0)
                                    : null;
                    if (cell == null) {
                        broken();
                    } else {
                        session.foundRowsAre(Long.parseLong(new String(cell, UTF_8)));
                        readInsertId();
                    }
                });
    }

    private void readInsertId() {
        if (!answered.mayHaveInsertId() && !traits.lastInsertId()) {
            readVariables();
            return;
        }
        InsertIds.read(
                session,
                connection,
                traits.lastInsertId(),
                healthy -> {
                    if (healthy) {
                        readVariables();
                    } else {
                        unknown(CloseReason.ANSWER_CUT);
                    }
                });
    }

    private void readVariables() {
        if (traits.assignedVariables().isEmpty()) {
            forgetCharacteristics();
            return;
        }
        // A statement that fails keeps what it has assigned until then.
        UserVariables.read(
                connection,
                traits.assignedVariables(),
                values -> {
                    if (values.isEmpty()) {
                        unknown(CloseReason.ANSWER_CUT);
                    } else if (runner.holdsTooMuch(session.profile().with(values.get()))) {
                        unknown(CloseReason.TOO_MANY_SETTINGS);
                    } else {
                        VariableChanges.set(session, connection, values.get());
                        forgetCharacteristics();
                    }
                });
    }

    /**
     * SET TRANSACTION without a transaction: a statement that never began one leaves it on the
     * connection.
     */
    private void forgetCharacteristics() {
        Transaction transaction = session.transaction();
        String characteristics = transaction.characteristics();
        if (characteristics.isEmpty() || transaction.isExplicit() || connection.inTransaction()) {
            settled.accept(true);
            return;
        }
        if (answered.failed() || !traits.tables()) {
            transaction.setNext(characteristics);
        }
        connection.query(
                ReferenceSql.COMMIT,
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok) {
                        settled.accept(true);
                    } else {
                        broken();
                    }
                });
    }
}
