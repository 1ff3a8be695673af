package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.session.Session;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ParameterValues;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Scatter;
import io.shardway.router.plan.Traits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A client's statement that the shards are to answer by themselves. Confined to its event loop.
 *
 * @param command sent to every shard
 * @param binary whether rows come in the binary protocol
 * @param shards that can have rows of it
 * @param range of the merged rows
 * @param locks whether rows are locked
 * @param assembly makes the other way, which owns the client's command then
 * @param drop lets go of the client's command
 * @param deep where so many rows are skipped that it is found out first which
 */
record ScatteredStatement(
        Scatter plan,
        BackendCommand command,
        boolean binary,
        List<ShardId> shards,
        Scatter.Range range,
        boolean locks,
        Supplier<RunningCall> assembly,
        Runnable drop,
        Optional<DeepOffset> deep) {

    /** Rows that a node can surely send without waiting for the other shards'. */
    private static final long SHORT = 1000;

    /** A text, sent in a buffer of its own to each shard. */
    record Text(StatementRunner runner, byte[] sql) implements BackendCommand {

        @Override
        public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
            ByteBuf framed = runner.commandOf(sql, 0, sql.length);
            connection.send(framed, AnswerKind.RESULTS, AnswerRewrite.NONE, sink);
        }

        @Override
        public Optional<String> text() {
            return Optional.of(new String(sql, StandardCharsets.UTF_8));
        }

        @Override
        public void release() {
            // Holds no buffer.
        }
    }

    /** Of COM_QUERY; empty if it must be assembled. */
    static Optional<ScatteredStatement> ofText(
            StatementRunner runner,
            Plan.Assemble plan,
            byte[] sql,
            Supplier<RunningCall> assembly,
            Runnable drop) {
        Session session = runner.session();
        var commands = ScatteredCommands.ofText(runner);
        Optional<Scatter> scatter = plan.scatter().filter(_ -> mayScatter(session, plan.traits()));
        return scatter.flatMap(ways ->
                ways.write(sql, 0, sql.length, session.profile().dialect(), ParameterValues.NONE)
                        .map(written ->
                                new ScatteredStatement(
                                        ways,
                                        commands.of(written.sent()),
                                        false,
                                        ReadShards.of(
                                                plan,
                                                plan.whole(
                                                        sql,
                                                        session.profile().dialect(),
                                                        ParameterValues.NONE),
                                                session.profile().dialect(),
                                                runner.loop().serving().topology()),
                                        written.range(),
                                        plan.isLocking(),
                                        assembly,
                                        drop,
                                        DeepOffset.of(
                                                runner, plan, sql, written.range(), commands))));
    }

    /** Of COM_STMT_EXECUTE; empty if it must be assembled. */
    static Optional<ScatteredStatement> ofPrepared(
            StatementRunner runner,
            Plan.Assemble plan,
            ExecuteCommand command,
            Supplier<RunningCall> assembly) {
        PreparedKey key = command.statement().key();
        if (plan.scatter().isEmpty()
                || command.asksForCursor()
                || !mayScatter(runner.session(), plan.traits())) {
            return Optional.empty();
        }
        byte[] sql = key.sql();
        Scatter scatter = plan.scatter().get();
        return scatter.write(sql, 0, sql.length, key.profile().dialect(), command.parameters())
                .map(written -> {
                    var commands = ScatteredCommands.ofPrepared(command);
                    return new ScatteredStatement(
                            scatter,
                            commands.of(written.sent()),
                            true,
                            ReadShards.of(
                                    plan,
                                    plan.whole(sql, key.profile().dialect(), command.parameters()),
                                    key.profile().dialect(),
                                    runner.loop().serving().topology()),
                            written.range(),
                            plan.isLocking(),
                            assembly,
                            command::release,
                            DeepOffset.of(runner, plan, sql, written.range(), commands));
                });
    }

    /** What would mean something else on each shard than in the whole. */
    static boolean mayScatter(Session session, Traits traits) {
        boolean forNextOnly =
                !TransactionRules.isInTransaction(session)
                        && !session.transaction().nextCharacteristics().isEmpty();
        return session.profile().literal("sql_select_limit").isEmpty()
                && !forNextOnly
                && !traits.sessionFunctions()
                && !traits.lastInsertId()
                && !traits.pins()
                && !traits.implicitCommit()
                && !traits.readsVariables()
                && traits.assignedVariables().isEmpty();
    }

    /** Whether a shard may have to wait long for the others before it can send its next rows. */
    boolean waits() {
        return !plan.order().isEmpty() && range.reach() > SHORT;
    }

    RunningCall instead() {
        return assembly.get();
    }

    void release() {
        drop.run();
    }
}
