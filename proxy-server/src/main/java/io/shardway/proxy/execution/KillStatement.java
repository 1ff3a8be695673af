package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.sql.Lexer;

/** KILL and COM_PROCESS_KILL, for sessions of any proxy. Confined to its event loop. */
final class KillStatement {

    private final StatementRunner runner;
    private final KillRouter killRouter;

    KillStatement(StatementRunner runner, KillRouter killRouter) {
        this.runner = runner;
        this.killRouter = killRouter;
    }

    void run(boolean queryOnly, ValueRef id, Lexer lexer) {
        if (id instanceof ValueRef.Literal(int index, boolean negated) && !negated) {
            String digits =
                    new String(
                            lexer.text(),
                            lexer.start(index),
                            lexer.end(index) - lexer.start(index),
                            UTF_8);
            try {
                run(Long.parseLong(digits), queryOnly);
                return;
            } catch (NumberFormatException notANumber) {
                runner.fail(ErrorCode.UNKNOWN_SESSION, digits);
                return;
            }
        }
        runner.fail(ErrorCode.NOT_PREPARABLE, "KILL");
    }

    void run(long connectionId, boolean queryOnly) {
        killRouter.kill(
                connectionId,
                queryOnly,
                runner.session().identity(),
                outcome ->
                        runner.client().eventLoop().execute(() -> answer(connectionId, outcome)));
    }

    private void answer(long connectionId, KillRouter.Outcome outcome) {
        switch (outcome) {
            case DELIVERED -> runner.ok();
            case UNKNOWN_SESSION -> refuse(1094, "Unknown thread id: " + connectionId);
            case NOT_ALLOWED -> refuse(1095, "You are not owner of thread " + connectionId);
            case UNREACHABLE ->
                    runner.fail(
                            ErrorCode.TOPOLOGY_UNAVAILABLE, "the session's proxy did not answer");
        }
    }

    private void refuse(int code, String message) {
        runner.failWith(new ErrPacket(code, "HY000", message.getBytes(UTF_8)));
    }
}
