package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Traits;
import io.shardway.router.schema.Catalog;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * COM_STMT_PREPARE: a node prepares the statement, which tells its parameters and columns; the
 * client gets an id of the session's. Confined to its event loop.
 */
final class Preparation {

    private static final int ATTEMPTS_MAX = 3;

    private final StatementRunner runner;
    private final Session session;
    private final PreparedKey key;
    private final Catalog catalog;
    private final Optional<Consumer<CollectedAnswer.Prepared>> receiver;

    /** What the node prepares: what the client wrote, unless the account sees only a part. */
    private PreparedKey onNode;

    /** Its plan must be of the catalog that the loop serves now. */
    Preparation(StatementRunner runner, byte[] sql) {
        this(runner, sql, Optional.empty());
    }

    /**
     * @param receiver takes the node's answer in place of the client
     */
    Preparation(
            StatementRunner runner,
            byte[] sql,
            Optional<Consumer<CollectedAnswer.Prepared>> receiver) {
        this.receiver = receiver;
        this.runner = runner;
        this.session = runner.session();
        this.key = new PreparedKey(sql, session.schema(), session.profile());
        this.onNode = key;
        this.catalog = runner.loop().serving().catalog();
    }

    void prepareBy(Planned planned) {
        if (!planned.needs().metBy(session.account().rights())) {
            runner.refuse(planned);
            return;
        }
        switch (planned.plan()) {
            case Plan.Keyed(_, _, var traits, _) -> prepareBy(planned, traits);
            case Plan.KeyedInsert(_, var traits) -> prepareBy(planned, traits);
            case Plan.AnyShard(_, var traits) -> prepareBy(planned, traits);
            case Plan.Assemble read -> prepareBy(planned, read.traits());
            case Plan.OnDefaultShard(_, var traits) -> prepareBy(planned, traits);
            case Plan.Plain(_, _, var traits) -> {
                if (traits.sessionFunctions()) {
                    notPreparable();
                } else {
                    prepare(planned, ATTEMPTS_MAX);
                }
            }
            case Plan.WriteReference(_, var traits) -> prepareBy(planned, traits);
            case Plan.SpreadWrite write -> prepareBy(planned, write.traits());
            case Plan.InsertSelect insert -> prepareBy(planned, insert.traits());
            case Plan.Change change -> prepareBy(planned, change.traits());
            case Plan.Described(var reading, _, var traits) -> {
                if (traits.sessionFunctions()) {
                    notPreparable();
                } else {
                    runner.describing()
                            .prepared(
                                    reading,
                                    key,
                                    written -> {
                                        onNode = written;
                                        prepare(planned, ATTEMPTS_MAX);
                                    },
                                    () -> {});
                }
            }
            case Plan.Rejected(var code, var detail) -> runner.fail(code, detail);
            case Plan.Explain _,
                    Plan.Load _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _,
                    Plan.DefineKeyspace _,
                    Plan.Stored _ ->
                    notPreparable();
        }
    }

    private void notPreparable() {
        notPreparable(runner);
    }

    static void notPreparable(StatementRunner runner) {
        String message = "This command is not supported in the prepared statement protocol yet";
        runner.failWith(new ErrPacket(1295, "HY000", message.getBytes(UTF_8)));
    }

    private void prepareBy(Planned plan, Traits traits) {
        if (traits.sessionFunctions() || traits.implicitCommit()) {
            notPreparable();
        } else {
            prepare(plan, ATTEMPTS_MAX);
        }
    }

    private void prepare(Planned plan, int attemptsLeft) {
        boolean onDefault =
                plan.plan() instanceof Plan.OnDefaultShard
                        || plan.plan() instanceof Plan.Described
                        || plan.plan() instanceof Plan.InsertSelect
                        || plan.plan() instanceof Plan.Change
                        || plan.plan() instanceof Plan.Assemble; // It may name single tables.
        ShardId shard =
                onDefault || runner.scopes().inPlain()
                        ? runner.defaultShard()
                        : runner.anyShard(runner.loop().serving());
        BackendConnection held = session.transaction().leases().get(shard);
        if (held != null && !held.isUsable()) {
            // Drivers hide this error and send the statement as text instead: that one shall hear
            // of the loss, too.
            runner.fail(ErrorCode.BACKEND_LOST, "shard " + shard);
            return;
        }
        Borrow.borrow(
                runner,
                shard,
                Borrow.Want.of(Traits.NONE),
                connection -> prepareOn(connection, shard, plan, attemptsLeft - 1),
                runner::failWith);
    }

    private void prepareOn(
            BackendConnection connection, ShardId shard, Planned plan, int attemptsLeft) {
        ByteBuf framed =
                LargePackets.command(connection.allocator(), Commands.STMT_PREPARE, onNode.sql());
        connection.collect(
                framed,
                AnswerKind.PREPARED,
                answer -> {
                    if (answer instanceof CollectedAnswer.Prepared prepared) {
                        if (connection.prepared(onNode).isPresent()) {
                            connection.closeUnremembered(prepared.statementId());
                        } else {
                            connection.remember(onNode, prepared.statementId());
                        }
                        Borrow.giveBack(runner, shard, connection);
                        receiver.ifPresentOrElse(
                                other -> other.accept(prepared), () -> answer(plan, prepared));
                    } else if (answer instanceof CollectedAnswer.Lost && attemptsLeft > 0) {
                        // Nothing has happened; a session that held the connection hears of the
                        // loss from the next attempt.
                        Borrow.giveBack(runner, shard, connection);
                        prepare(plan, attemptsLeft);
                    } else {
                        Borrow.giveBack(runner, shard, connection);
                        runner.failWith(
                                Borrow.errorOf(
                                        answer, ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard));
                    }
                });
    }

    private void answer(Planned plan, CollectedAnswer.Prepared prepared) {
        var statement =
                new PreparedStatement(session.takeStatementId(), key, prepared.parameterCount());
        statement.planned(catalog, plan);
        session.statements().put(statement.id(), statement);
        byte[] definitions = prepared.definitions();
        ByteBuf out = runner.client().allocator().buffer(16 + 18 + definitions.length);
        out.writeMediumLE(12)
                .writeByte(runner.nextSequence())
                .writeByte(0x00)
                .writeIntLE(statement.id());
        out.writeShortLE(prepared.columnCount()).writeShortLE(prepared.parameterCount());
        out.writeByte(0).writeShortLE(prepared.warnings());
        ByteBuf in = Unpooled.wrappedBuffer(definitions);
        writeDefinitions(in, out, prepared.parameterCount());
        writeDefinitions(in, out, prepared.columnCount());
        runner.answer(out, Answers.lastSequence(out));
    }

    private void writeDefinitions(ByteBuf in, ByteBuf out, int count) {
        if (count == 0) {
            return;
        }
        for (int i = 0; i < count; i++) {
            int length = in.readUnsignedMediumLE();
            in.skipBytes(1);
            out.writeMediumLE(length).writeByte(runner.nextSequence()).writeBytes(in, length);
        }
        if (runner.eofPackets()) {
            out.writeMediumLE(5).writeByte(runner.nextSequence()).writeByte(0xFE);
            out.writeShortLE(0).writeShortLE(session.status());
        }
    }
}
