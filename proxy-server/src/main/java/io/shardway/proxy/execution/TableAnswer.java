package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.TextResult;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;

/** Sends a table of text the proxy made itself. Confined to its event loop. */
final class TableAnswer {

    private final StatementRunner runner;

    TableAnswer(StatementRunner runner) {
        this.runner = runner;
    }

    void send(AdminGate.Answer.Table table) {
        var result = new TextResult(table.columns().stream().map(ColumnDefinition::text).toList());
        table.rows().forEach(row -> result.row(row.toArray()));
        runner.session().diagnosticsAre(Diagnostics.NONE);
        send(result, table.rows().size());
    }

    void send(TextResult result, long rows) {
        Session session = runner.session();
        session.rowCountIs(-1);
        session.foundRowsAre(rows);
        ByteBuf framed =
                Answers.table(
                        runner.client(),
                        session,
                        runner.nextSequence(),
                        result,
                        runner.hasMoreStatements());
        runner.answer(framed, Answers.lastSequence(framed));
    }
}
