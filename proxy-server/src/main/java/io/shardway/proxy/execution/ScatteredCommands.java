package io.shardway.proxy.execution;

import io.shardway.proxy.backend.PreparedKey;
import io.shardway.router.plan.Scatter;
import io.shardway.router.sql.SqlDialect;
import java.util.function.Function;

/**
 * Makes what shards are sent of a client's statement, in the protocol that it came in. What it
 * makes owns nothing of the client's. Confined to its event loop.
 *
 * @param dialect that the statement's text is read in
 * @param prepared whether its numbers can be parameters
 */
record ScatteredCommands(
        SqlDialect dialect, boolean prepared, Function<Scatter.Sent, BackendCommand> maker) {

    static ScatteredCommands ofText(StatementRunner runner) {
        return new ScatteredCommands(
                runner.session().profile().dialect(),
                false,
                sent -> new ScatteredStatement.Text(runner, sent.text()));
    }

    /**
     * @param client released by whoever has it, when all that was made is done
     */
    static ScatteredCommands ofPrepared(ExecuteCommand client) {
        ExecuteCommand command = client.withoutEof();
        PreparedKey own = client.statement().key();
        return new ScatteredCommands(
                own.profile().dialect(),
                true,
                sent -> {
                    var key = new PreparedKey(sent.text(), own.schema(), own.profile());
                    return sent.parameters().isEmpty()
                            ? new AssembledExecuteCommand(command, key)
                            : new PartExecuteCommand(
                                    command, key, sent.parameters().get(), sent.numbers());
                });
    }

    BackendCommand of(Scatter.Sent sent) {
        return maker.apply(sent);
    }
}
