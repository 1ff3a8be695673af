package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.CloseReason;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.Traits;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The client's statement on a scratch connection that has all its rows: sent, relayed, settled.
 * Confined to its event loop.
 */
final class Finish implements AnswerSink, ClientChannel.Flow {

    private final StatementRunner runner;
    private final Session session;
    private final ClientChannel client;
    private final BackendConnection connection;
    private final AssembledStatement statement;
    private final BackendCommand command;
    private final BackendCommand finishing;
    private final Traits traits;
    private final Optional<AnswerNames> names;
    private final long skipped;
    private final Consumer<Boolean> finished;

    private boolean sent;
    private boolean relayed;
    private boolean slow;
    private boolean failedOnNode;
    private boolean afterRows;
    private int warnings;

    /**
     * @param finishing what is sent
     * @param names those of the answer's columns, if the node would give others
     * @param skipped rows that the statement skips and that were not brought
     * @param finished hears whether the statement failed, once the connection is free
     */
    Finish(
            StatementRunner runner,
            BackendConnection connection,
            AssembledStatement statement,
            BackendCommand finishing,
            Optional<AnswerNames> names,
            long skipped,
            Consumer<Boolean> finished) {
        this.runner = runner;
        this.session = runner.session();
        this.client = runner.client();
        this.connection = connection;
        this.statement = statement;
        this.command = statement.command();
        this.finishing = finishing;
        this.traits = statement.traits();
        this.names = names;
        this.skipped = skipped;
        this.finished = finished;
    }

    void start() {
        sent = true;
        finishing.send(connection, this, runner.sequenceShift());
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        if (!client.isOpen()) {
            bytes.release();
            return;
        }
        Optional<ByteBuf> passed =
                names.isPresent() ? names.get().pass(bytes, last) : Optional.of(bytes);
        if (passed.isEmpty()) {
            return;
        }
        relayed = true;
        client.write(passed.get());
        if (last) {
            client.flush();
        } else if (!client.isWritable() && !slow) {
            slow = true;
            client.flow(this);
            connection.readOn(false);
        }
    }

    @Override
    public void resumed() {
        if (slow) {
            slow = false;
            connection.readOn(true);
        }
    }

    @Override
    public void readComplete() {
        if (relayed) {
            client.flush();
        }
    }

    @Override
    public int statusMeanwhile() {
        return session.status() | (runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0);
    }

    @Override
    public void resultEnded(ResultEnd end) {
        failedOnNode = end.isError();
        if (failedOnNode) {
            session.failedWith(end.errorCode(), end.sqlState(), end.errorMessage());
            return;
        }
        connection.statusIs(end.status());
        warnings = end.warnings();
        afterRows = end.isAfterRows();
        if (afterRows) {
            session.rowCountIs(-1);
            session.foundRowsAre(end.rows());
        } else {
            session.rowCountIs(end.affectedRows());
        }
        ShownEnd.showApart(runner, connection, traits, end);
    }

    @Override
    public void answered(BackendConnection answering) {
        sent = false;
        if (slow) {
            slow = false;
            answering.readOn(true);
        }
        runner.answeredUpTo(answering.lastSequence());
        answering.whenNoKillIsUnderWay(this::settle);
    }

    private void settle() {
        if (!failedOnNode && warnings == 0 && session.diagnostics() != Diagnostics.NONE) {
            session.diagnosticsAre(Diagnostics.NONE);
        }
        boolean limited =
                new String(statement.original(), ISO_8859_1)
                        .toLowerCase(Locale.ROOT)
                        .contains("limit");
        var answered = new Settling.Answered(failedOnNode, afterRows, warnings, false, limited);
        new Settling(runner, connection, traits, command, answered, _ -> settled()).start();
    }

    private void settled() {
        names.ifPresent(AnswerNames::release);
        if (afterRows) {
            session.foundRowsAre(session.foundRows() + skipped);
        }
        if (!traits.assignedVariables().isEmpty()) {
            // The session's settings were noted as the connection's, which has others.
            connection.profileIs(statement.finishing(session.profile()));
        }
        if (connection.isUsable()) {
            Assembly.forgetPrepared(connection, command);
            Assembly.forgetPrepared(connection, finishing);
        }
        finished.accept(failedOnNode);
    }

    @Override
    public void lost(BackendConnection lost, boolean answerBegun, Throwable cause) {
        sent = false;
        slow = false;
        names.ifPresent(AnswerNames::release);
        if (relayed) {
            runner.count(ErrorCode.ANSWER_CUT);
            client.close(CloseReason.ANSWER_CUT);
        } else {
            runner.count(ErrorCode.BACKEND_LOST);
            runner.tell(ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + runner.defaultShard()));
        }
        finished.accept(true);
    }

    boolean answerBegun() {
        return relayed;
    }

    String describe() {
        return slow ? "sending to client" : "executing on " + connection.node().name();
    }

    void interrupt() {
        if (sent) {
            runner.killer().interrupt(connection);
        }
    }

    /** The client is gone: what still comes is thrown away. */
    void abandon() {
        if (slow) {
            slow = false;
            connection.readOn(true);
        }
    }
}
