package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.Optional;

/** Relays text statements of plain keyspaces under their accounts. Confined to its event loop. */
final class PlainCalls {

    private final StatementRunner runner;
    private final ProxyServices services;
    private final Session session;

    PlainCalls(StatementRunner runner, ProxyServices services) {
        this.runner = runner;
        this.services = services;
        this.session = runner.session();
    }

    /** MySQL itself commits before a definition, on the session's own connection. */
    void run(Plan.Plain plan, ByteBuf framed, byte[] text, int from) {
        Traits traits = plan.traits();
        ShardId shard = runner.defaultShard();
        Optional<Boolean> locks =
                traits.implicitCommit() ? locksTables(text, from) : Optional.empty();
        ByteBuf sent = withSessionValues(framed, text, from, traits);
        var call =
                new ShardCall(
                                runner,
                                shard,
                                plan.access(),
                                traits,
                                new TextCommand(sent, AnswerKind.RESULTS, runner.eofPackets()))
                        .in(runner.scopes().plain(plan.keyspace()))
                        .whenDone(() -> locks.ifPresent(session.transaction()::tablesLockedIs));
        boolean others =
                session.transaction().leases().keySet().stream()
                        .anyMatch(held -> !held.equals(shard));
        if (traits.implicitCommit() && others) {
            runner.control().endTransaction(true, () -> runner.start(call), sent::release);
        } else {
            runner.start(call);
        }
    }

    /** LOCK TABLES: true; UNLOCK TABLES: false; empty for anything else. */
    private Optional<Boolean> locksTables(byte[] text, int from) {
        int to = runner.loop().lexer().statementEnd();
        Token first = Tokens.of(text, from, to, session.profile().dialect()).getFirst();
        if (first.isWord("lock")) {
            return Optional.of(true);
        }
        return first.isWord("unlock") ? Optional.of(false) : Optional.empty();
    }

    private ByteBuf withSessionValues(ByteBuf framed, byte[] text, int from, Traits traits) {
        if (!traits.sessionFunctions()) {
            return framed;
        }
        byte[] written =
                SessionFunctions.substitute(
                        text,
                        from,
                        runner.loop().lexer().statementEnd(),
                        session.profile().dialect(),
                        runner.control().sessionValues());
        framed.release();
        return runner.commandOf(written, 0, written.length);
    }

    /** A statement with a body, whose semicolons end nothing; the lexer has read its head. */
    void runProgram(ByteBuf framed, byte[] text, int from, int end) {
        Planned planned =
                services.plans()
                        .planOfProgram(
                                runner.loop().lexer(),
                                from,
                                session.profile().dialect(),
                                session.schema(),
                                runner.loop().serving().catalog());
        Plan plan = planned.plan();
        runner.planned(plan);
        if (!runner.admits(planned)) {
            framed.release();
            runner.refuse(planned);
            return;
        }
        switch (plan) {
            case Plan.Stored stored ->
                    StoredRun.start(runner, services, stored, framed, text, from, end);
            case Plan.Plain relayed -> run(relayed, framed, text, from);
            case Plan.Rejected(var code, var detail) -> {
                framed.release();
                runner.fail(code, detail);
            }
            case Plan.Keyed _,
                    Plan.KeyedInsert _,
                    Plan.AnyShard _,
                    Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _,
                    Plan.Assemble _,
                    Plan.OnDefaultShard _,
                    Plan.Described _,
                    Plan.DefineKeyspace _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _ -> {
                framed.release();
                runner.fail(ErrorCode.NOT_UNDERSTOOD, "a statement with a body");
            }
        }
    }
}
