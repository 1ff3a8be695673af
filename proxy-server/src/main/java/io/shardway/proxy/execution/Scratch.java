package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.LeaseReceiver;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Traits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the default shard on which an assembled statement has its temporary tables;
 * besides those the session holds. One command at a time. Confined to its event loop.
 */
final class Scratch implements LeaseReceiver {

    private final StatementRunner runner;
    private final ShardId shard;
    private final CallScope scope;
    private final Consumer<ErrPacket> failed;
    private final List<String> tables = new ArrayList<>();
    private Runnable leased = () -> {};
    private @Nullable BackendConnection connection;
    private boolean leasing;
    private boolean busy;
    private boolean stopped;
    private boolean timed;
    private Runnable whenIdle = () -> {};

    /**
     * @param failed hears of the first failure; nothing goes on then
     */
    Scratch(StatementRunner runner, Consumer<ErrPacket> failed) {
        this.runner = runner;
        this.shard = runner.defaultShard();
        this.scope = runner.scopes().serving();
        this.failed = failed;
    }

    void lease(Runnable then) {
        NodePool pool = runner.loop().primaries().get(shard);
        if (pool == null) {
            failed.accept(ErrPacket.of(ErrorCode.BACKEND_UNAVAILABLE, "unknown shard " + shard));
            return;
        }
        leased = then;
        leasing = true;
        SettingsProfile settings = AssemblySettings.loading(runner.session().profile());
        pool.lease(scope.flavour(), settings, this);
    }

    @Override
    public void leased(BackendConnection taken) {
        leasing = false;
        connection = taken;
        taken.usedBy(runner::bug);
        ready(NoCommand.INSTANCE, AssemblySettings::loading, leased);
    }

    @Override
    public void refused(ShardwayException reason) {
        leasing = false;
        runner.count(reason.code());
        failed.accept(ErrPacket.of(reason.code(), reason.detail()));
    }

    BackendConnection connected() {
        if (connection == null) {
            throw new IllegalStateException("there is no scratch connection");
        }
        return connection;
    }

    boolean isFree() {
        return !busy && !stopped;
    }

    /** Brings schema and settings, and the command's prepared statement, to what they must be. */
    void ready(BackendCommand command, UnaryOperator<SettingsProfile> settings, Runnable then) {
        ready(Traits.NONE, command, settings, then);
    }

    /** The same for a statement with these traits: the session's LAST_INSERT_ID() is there, too. */
    void ready(
            Traits traits,
            BackendCommand command,
            UnaryOperator<SettingsProfile> settings,
            Runnable then) {
        busy = true;
        new MakeReady(
                        runner.session(),
                        connected(),
                        traits,
                        command,
                        () -> answered(then),
                        answer -> answered(() -> failed.accept(clientsError(answer))))
                .in(scope)
                .under(settings)
                .withoutBeginning()
                .next();
    }

    /** Has MySQL prepare a client's text, to learn of its answer; or its error. */
    void describe(AssembledStatement statement, Consumer<CollectedAnswer.Prepared> then) {
        busy = true;
        new MakeReady(
                        runner.session(),
                        connected(),
                        Traits.NONE,
                        NoCommand.INSTANCE,
                        () -> answered(() -> describe(statement.original(), then)),
                        answer -> answered(() -> failed.accept(clientsError(answer))))
                .in(new CallScope(scope.flavour(), statement.schema()))
                .under(_ -> statement.finishing(statement.settings()))
                .withoutBeginning()
                .next();
    }

    private void describe(byte[] text, Consumer<CollectedAnswer.Prepared> then) {
        prepare(
                text,
                answer -> {
                    if (answer instanceof CollectedAnswer.Prepared prepared) {
                        connected().closeUnremembered(prepared.statementId());
                        then.accept(prepared);
                    } else {
                        failed.accept(clientsError(answer));
                    }
                });
    }

    /** Runs statements of ours that answer OK. */
    void run(List<String> texts, Runnable then) {
        if (texts.isEmpty()) {
            then.run();
            return;
        }
        query(
                texts.getFirst(),
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok) {
                        run(texts.subList(1, texts.size()), then);
                    } else {
                        failed.accept(ownError(answer));
                    }
                });
    }

    /** A temporary table that is about to be made. */
    void willHave(String name) {
        tables.add(name);
    }

    void makeTable(String name, String text, Runnable then) {
        willHave(name);
        run(List.of(text), then);
    }

    void query(String sql, Consumer<CollectedAnswer> then) {
        busy = true;
        connected().query(sql, answer -> answered(() -> then.accept(answer)));
    }

    /** Runs a query of ours that answers with rows. */
    void rows(String sql, Consumer<CollectedAnswer.Rows> then) {
        query(
                sql,
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        then.accept(rows);
                    } else {
                        failed.accept(ownError(answer));
                    }
                });
    }

    void prepare(String sql, Consumer<CollectedAnswer.Prepared> then) {
        prepare(
                sql.getBytes(StandardCharsets.UTF_8),
                answer -> {
                    if (answer instanceof CollectedAnswer.Prepared prepared) {
                        then.accept(prepared);
                    } else {
                        failed.accept(ownError(answer));
                    }
                });
    }

    private void prepare(byte[] text, Consumer<CollectedAnswer> then) {
        ByteBuf framed = LargePackets.command(connected().allocator(), Commands.STMT_PREPARE, text);
        busy = true;
        connected()
                .collect(
                        framed, AnswerKind.PREPARED, answer -> answered(() -> then.accept(answer)));
    }

    /** Sends a framed command of ours that answers OK. */
    void execute(ByteBuf framed, Consumer<OkPacket> then) {
        busy = true;
        connected()
                .collect(
                        framed,
                        AnswerKind.RESULTS,
                        answer ->
                                answered(() -> {
                                    if (answer instanceof CollectedAnswer.Ok(var packet)) {
                                        then.accept(packet);
                                    } else {
                                        failed.accept(ownError(answer));
                                    }
                                }));
    }

    private void answered(Runnable then) {
        busy = false;
        if (stopped) {
            whenIdle.run();
        } else {
            then.run();
        }
    }

    private ErrPacket ownError(CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Refused(int code, String state, byte[] message)) {
            runner.count(ErrorCode.ASSEMBLY_FAILED);
            return ErrPacket.of(
                    ErrorCode.ASSEMBLY_FAILED,
                    "node %s says %d (%s): %s"
                            .formatted(
                                    connected().node().name(),
                                    code,
                                    state,
                                    new String(message, StandardCharsets.UTF_8)));
        }
        return lostError();
    }

    /** MySQL's own error for the client's statement. */
    private static ErrPacket clientsError(CollectedAnswer answer) {
        return Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, "the scratch connection");
    }

    /**
     * Lets nothing go on.
     *
     * @param idle called once no command is under way any more
     */
    void stop(Runnable idle) {
        if (stopped) {
            return;
        }
        stopped = true;
        whenIdle = idle;
        if (leasing) {
            leasing = false;
            NodePool pool = runner.loop().primaries().get(shard);
            if (pool != null) {
                pool.forget(this);
            }
            idle.run();
        } else if (!busy) {
            idle.run();
        } else {
            runner.killer().interrupt(connected());
        }
    }

    /** Gives statements of the connection this time until it is given back. */
    void setTime(String sql, Runnable then) {
        timed = true;
        run(List.of(sql), then);
    }

    /**
     * Has MySQL carry out a client's statement, for the columns of its answer alone.
     *
     * @param then empty if it was refused
     */
    void columns(BackendCommand command, Consumer<Optional<List<byte[]>>> then) {
        busy = true;
        command.send(
                connected(), new AnswerColumns(found -> answered(() -> then.accept(found))), 0);
    }

    /**
     * Has MySQL prepare a text, for the columns of its answer alone.
     *
     * @param then empty if it was refused
     */
    void columns(byte[] text, Consumer<Optional<List<ColumnDefinition>>> then) {
        prepare(
                text,
                answer -> {
                    if (answer instanceof CollectedAnswer.Prepared prepared) {
                        connected().closeUnremembered(prepared.statementId());
                        then.accept(Optional.of(AnswerColumns.of(prepared)));
                    } else {
                        then.accept(Optional.empty());
                    }
                });
    }

    /** Sends a client's statement. A KILL meant for it does not hit what comes after it. */
    void send(BackendCommand command, Consumer<CollectedAnswer> then) {
        busy = true;
        BackendConnection used = connected();
        command.send(
                used,
                BackendConnection.collector(
                        AnswerKind.RESULTS,
                        answer ->
                                used.whenNoKillIsUnderWay(
                                        () -> answered(() -> then.accept(answer)))),
                0);
    }

    /**
     * Reads binary rows.
     *
     * @param then after the last one
     */
    void read(String sql, PulledTo rows, Runnable then) {
        prepare(
                sql,
                prepared -> {
                    BackendConnection used = connected();
                    ByteBuf framed = used.allocator().buffer(14);
                    framed.writeMediumLE(10).writeByte(0);
                    framed.writeByte(Commands.STMT_EXECUTE);
                    framed.writeIntLE((int) prepared.statementId()).writeByte(0).writeIntLE(1);
                    busy = true;
                    used.send(
                            framed,
                            AnswerKind.RESULTS,
                            AnswerRewrite.NONE,
                            new PullSink(receiver(rows, prepared.statementId(), then)));
                });
    }

    /** Takes rows. */
    interface PulledTo {
        void described(List<ColumnDefinition> columns);

        void row(byte[] payload);

        /** An error that has another name, if it is one of the rows'. */
        Optional<ErrPacket> error(ErrPacket reason);
    }

    private PullSink.Receiver receiver(PulledTo rows, long statementId, Runnable then) {
        return new PullSink.Receiver() {
            @Override
            public void described(List<ColumnDefinition> columns) {
                if (!stopped) {
                    rows.described(columns);
                }
            }

            @Override
            public void row(byte[] payload) {
                if (!stopped) {
                    rows.row(payload);
                }
            }

            @Override
            public void pulled(int status) {
                connected().closeUnremembered(statementId);
                answered(then);
            }

            @Override
            public void refused(ErrPacket reason) {
                connected().closeUnremembered(statementId);
                answered(() ->
                        failed.accept(
                                rows.error(reason)
                                        .orElseGet(() ->
                                                ownError(
                                                        new CollectedAnswer.Refused(
                                                                reason.code(),
                                                                reason.sqlState(),
                                                                reason.message())))));
            }

            @Override
            public void lost() {
                answered(() -> failed.accept(lostError()));
            }
        };
    }

    private ErrPacket lostError() {
        runner.count(ErrorCode.BACKEND_LOST);
        return ErrPacket.of(ErrorCode.BACKEND_LOST, "shard " + shard);
    }

    /** Drops the temporary tables and gives the connection back. */
    void giveBack(Runnable done) {
        if (connection == null) {
            done.run();
            return;
        }
        BackendConnection used = connection;
        connection = null;
        used.whenNoKillIsUnderWay(() -> clean(used, done));
    }

    private void clean(BackendConnection used, Runnable done) {
        if (!used.isUsable() || tables.isEmpty()) {
            runner.giveBack(shard, used);
            done.run();
            return;
        }
        used.query(
                "DROP TEMPORARY TABLE IF EXISTS " + String.join(", ", tables),
                answer -> {
                    if (!(answer instanceof CollectedAnswer.Ok)) {
                        used.close();
                    }
                    setTimeBack(used, done);
                });
    }

    private void setTimeBack(BackendConnection used, Runnable done) {
        if (!timed || !used.isUsable()) {
            runner.giveBack(shard, used);
            done.run();
            return;
        }
        used.query(
                SpreadSql.OWN_TIME,
                answer -> {
                    if (!(answer instanceof CollectedAnswer.Ok)) {
                        used.close();
                    }
                    runner.giveBack(shard, used);
                    done.run();
                });
    }

    void close() {
        if (connection != null) {
            connection.close();
        }
    }
}
