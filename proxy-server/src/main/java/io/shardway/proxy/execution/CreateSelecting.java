package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import io.shardway.router.plan.CreateSelect;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.sql.SqlDialect;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Begins CREATE TABLE ... SELECT over several shards. Confined to its event loop. */
final class CreateSelecting {

    private final StatementRunner runner;
    private final ProxyServices services;

    CreateSelecting(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
    }

    /**
     * A statement that came as text; the loop's lexer has read it.
     *
     * @param framed taken over, unless this throws
     */
    void run(CreateSelect select, ByteBuf framed, byte[] text, int from) {
        byte[] own = Arrays.copyOfRange(text, from, runner.loop().lexer().statementEnd());
        runner.requireScatter(own, dialect(), select.read().why());
        framed.release();
        // As by MySQL, what was open is committed first.
        runner.control().endTransaction(true, () -> start(select, own), () -> {});
    }

    private SqlDialect dialect() {
        return runner.session().profile().dialect();
    }

    private void start(CreateSelect select, byte[] own) {
        List<AssembledTable> pulled = Assembly.pulledOf(select.read().tables(), runner.session());
        byte[] making = select.making(own, dialect(), AssembledText.copies(pulled));
        var command =
                new TextCommand(
                        runner.commandOf(making, 0, making.length),
                        AnswerKind.RESULTS,
                        runner.eofPackets());
        var assembled =
                new AssembledStatement(
                        pulled,
                        own,
                        runner.session().schema(),
                        runner.session().profile(),
                        command,
                        select.read().traits(),
                        AssembledStatement.askedOf(
                                pulled, own, dialect(), ParameterValues.NONE, false),
                        AssembledStatement.shardsOf(
                                pulled,
                                own,
                                dialect(),
                                ParameterValues.NONE,
                                runner.loop().serving().topology()),
                        Optional.empty(),
                        AssembledStatement.Sparing.NONE);
        runner.start(new CreateSelectCall(runner, services, select, assembled));
    }
}
