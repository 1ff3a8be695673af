package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;

/**
 * A session's definition of a table: ends the open transaction, as MySQL does, hands the statement
 * over and answers with what became of it. Confined to its event loop.
 */
final class DefinitionRun {

    private final StatementRunner runner;
    private final ProxyServices services;

    DefinitionRun(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /**
     * @param statement its text alone
     */
    void start(byte[] statement) {
        Optional<String> text = decode(statement);
        if (text.isEmpty()) {
            runner.fail(
                    ErrorCode.NOT_UNDERSTOOD,
                    "a definition with letters beyond ASCII needs SET NAMES utf8mb4");
            return;
        }
        runner.control().endTransaction(true, () -> carryOut(text.get()), () -> {});
    }

    /** Names and comments are kept in the journal as text. */
    private Optional<String> decode(byte[] statement) {
        if (!runner.session().profile().dialect().utf8Text()) {
            for (byte letter : statement) {
                if (letter < 0) {
                    return Optional.empty();
                }
            }
        }
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(statement)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    private void carryOut(String text) {
        Session session = runner.session();
        var request =
                new Definitions.Request(
                        session.schema(),
                        text,
                        session.profile().dialect(),
                        session.profile().sessionVariables(),
                        DefinitionAuthor.of(session, services::accounts),
                        new Cancellation());
        runner.interruptedBy(request.cancellation()::cancel);
        // The new epoch, which this waits for, must not wait for this.
        runner.routeDone();
        services.definitions()
                .carryOut(
                        request,
                        outcome -> runner.client().eventLoop().execute(() -> answer(outcome)));
    }

    private void answer(Definitions.Outcome outcome) {
        switch (outcome) {
            case Definitions.Outcome.Done done -> {
                runner.session().diagnosticsAre(done.warnings());
                int status =
                        runner.session().status()
                                | (runner.hasMoreStatements() ? ServerStatus.MORE_RESULTS : 0);
                runner.ok(
                        new OkPacket(
                                done.affectedRows(),
                                0,
                                status,
                                done.warnings().conditions().size(),
                                new byte[0],
                                List.of()));
            }
            case Definitions.Outcome.Rows(var columns, var rows) ->
                    new TableAnswer(runner).send(new AdminGate.Answer.Table(columns, rows));
            case Definitions.Outcome.MySqlError(int code, String state, String message) ->
                    runner.failWith(new ErrPacket(code, state, message.getBytes(UTF_8)));
            case Definitions.Outcome.Refused(ErrorCode code, String detail) ->
                    runner.fail(code, detail);
        }
    }
}
