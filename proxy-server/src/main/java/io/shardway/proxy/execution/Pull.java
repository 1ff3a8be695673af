package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of an assembled statement's tables from one shard, table after table. Confined to
 * its event loop.
 */
final class Pull implements Borrow.Result, PullSink.Receiver {

    /** Hears how a pull goes on. */
    interface Listener {
        /** It has its connection; the next shard's pull may ask for one. */
        void connected();

        /** It has read what it was told first, and waits for {@link Pull#readOn(ScratchLoader)}. */
        default void looked() {}

        /** It did all it had to, or was stopped; its connection is free. */
        void ended(Pull pull);

        /** It cannot go on; {@link #ended} follows. */
        void failed(ErrPacket reason);

        /** Makes the settings under which rows are read of the session's. */
        SettingsProfile pulling(SettingsProfile session);
    }

    /**
     * Whether rows are read in the session's own transaction; else several tables are read in one
     * of the pull's.
     */
    private final boolean inTransaction;

    private final StatementRunner runner;
    private final ShardId shard;
    private final List<Integer> tables;
    private final boolean twice;
    private final Listener listener;
    private ScratchLoader loader;

    private Optional<Borrow> borrow = Optional.empty();
    private @Nullable BackendConnection connection;
    private int next;
    private int current;
    private long unremembered = -1;
    private boolean ownTransaction;
    private boolean stopped;
    private boolean running;
    private boolean rolledBack;
    private boolean over;
    private boolean looked;
    private boolean waiting;

    /**
     * @param tables which of the loader's tables have rows there
     * @param twice whether it reads them again, for another loader
     */
    Pull(
            StatementRunner runner,
            ShardId shard,
            List<Integer> tables,
            boolean twice,
            ScratchLoader loader,
            Listener listener) {
        this.runner = runner;
        this.shard = shard;
        this.tables = List.copyOf(tables);
        this.twice = twice;
        this.loader = loader;
        this.listener = listener;
        this.inTransaction = TransactionRules.isInTransaction(runner.session());
    }

    void start() {
        var borrowed =
                Borrow.borrow(
                        runner, shard, Borrow.Want.part(inTransaction, listener::pulling), this);
        if (connection == null && !over) {
            borrow = Optional.of(borrowed);
        }
    }

    @Override
    public void borrowed(BackendConnection taken) {
        connection = taken;
        borrow = Optional.empty();
        listener.connected();
        if (stopped) {
            end();
        } else if (!inTransaction && (twice || tables.size() > 1) && !isHeld(taken)) {
            beginSnapshot();
        } else {
            nextTable();
        }
    }

    /** What the session keeps there, such as locks on tables, a transaction would end. */
    private boolean isHeld(BackendConnection taken) {
        return runner.session().transaction().leases().get(shard) == taken;
    }

    @Override
    public void notBorrowed(ErrPacket reason) {
        borrow = Optional.empty();
        over = true;
        listener.failed(reason);
        listener.ended(this);
    }

    private BackendConnection connected() {
        if (connection == null) {
            throw new IllegalStateException("a pull without a connection");
        }
        return connection;
    }

    /** So that rows of one key in several tables fit together. */
    private void beginSnapshot() {
        ownTransaction = true;
        boolean locks =
                tables.stream().anyMatch(at -> !loader.tables().get(at).table().lock().isEmpty());
        step(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                () ->
                        step(
                                "START TRANSACTION WITH CONSISTENT SNAPSHOT"
                                        + (locks ? "" : ", READ ONLY"),
                                this::nextTable));
    }

    private void step(String sql, Runnable then) {
        running = true;
        connected()
                .query(
                        sql,
                        answer -> {
                            running = false;
                            if (answer instanceof CollectedAnswer.Ok(var packet)) {
                                connected().statusIs(packet.status());
                                then.run();
                            } else {
                                failed(answer);
                            }
                        });
    }

    private void nextTable() {
        if (!stopped && twice && !looked && next == tables.size()) {
            looked = true;
            waiting = true;
            listener.looked();
            return;
        }
        if (stopped || next == tables.size()) {
            end();
            return;
        }
        current = tables.get(next++);
        ScratchLoader.Source source = loader.tables().get(current);
        byte[] text = source.selectText(shard, loader.limits().rowsMax() + 1L);
        BackendConnection node = connected();
        var key = new PreparedKey(text, node.schema(), node.profile());
        Optional<BackendStatement> known = node.prepared(key);
        Optional<BackendCommand> command = source.select(key);
        if (known.isPresent()) {
            execute(known.get().id(), command);
            return;
        }
        running = true;
        node.collect(
                LargePackets.command(node.allocator(), Commands.STMT_PREPARE, text),
                AnswerKind.PREPARED,
                answer -> {
                    running = false;
                    if (!(answer instanceof CollectedAnswer.Prepared prepared)) {
                        failed(answer);
                        return;
                    }
                    // With values in it, a text hardly comes again.
                    unremembered =
                            source.isOfValues() && command.isEmpty() ? prepared.statementId() : -1;
                    if (unremembered < 0) {
                        node.remember(key, prepared.statementId());
                    }
                    if (stopped) {
                        end();
                    } else {
                        execute(prepared.statementId(), command);
                    }
                });
    }

    private void execute(long statementId, Optional<BackendCommand> command) {
        BackendConnection node = connected();
        running = true;
        node.readOn(!loader.isPaused());
        if (command.isPresent()) {
            command.get().send(node, new PullSink(this), 0);
            return;
        }
        ByteBuf framed = node.allocator().buffer(14);
        framed.writeMediumLE(10).writeByte(0);
        framed.writeByte(Commands.STMT_EXECUTE).writeIntLE((int) statementId);
        framed.writeByte(0).writeIntLE(1);
        node.send(framed, AnswerKind.RESULTS, AnswerRewrite.NONE, new PullSink(this));
    }

    @Override
    public void described(List<io.shardway.proxy.protocol.ColumnDefinition> columns) {
        if (!stopped) {
            loader.described(current, columns);
        }
    }

    @Override
    public void row(byte[] payload) {
        if (!stopped) {
            loader.row(current, payload);
        }
    }

    @Override
    public void warned() {
        if (!stopped) {
            loader.warned(current);
        }
    }

    @Override
    public void pulled(int status) {
        running = false;
        connected().readOn(true);
        connected().statusIs(status);
        forgetText();
        nextTable();
    }

    @Override
    public void refused(ErrPacket reason) {
        running = false;
        connected().readOn(true);
        ScratchTable table = loader.tables().get(current).table();
        if (table.isInexactJson(reason.code())) {
            runner.count(ErrorCode.CROSS_SHARD_READ);
            listener.failed(
                    ErrPacket.of(
                            ErrorCode.CROSS_SHARD_READ,
                            "table %s has JSON values that their text does not tell exactly"
                                    .formatted(table.name())));
        } else {
            listener.failed(reason);
        }
        readStatus(reason.code());
    }

    @Override
    public void lost() {
        running = false;
        failed(new CollectedAnswer.Lost(new java.io.IOException("lost")));
    }

    private void failed(CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Lost) {
            runner.count(ErrorCode.BACKEND_LOST);
        }
        ErrPacket reason = Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, "shard " + shard);
        listener.failed(reason);
        readStatus(reason.code());
    }

    /** An error does not tell whether the node has rolled the transaction back. */
    private void readStatus(int error) {
        BackendConnection node = connected();
        boolean wasOpen = HeldLeases.partWasOpen(node, inTransaction, error);
        if (!node.isUsable() || !wasOpen && !node.inTransaction()) {
            end();
            return;
        }
        running = true;
        node.query(
                "SHOW WARNINGS",
                answer -> {
                    running = false;
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        node.statusIs(rows.status());
                        rolledBack = wasOpen && !node.inTransaction();
                    } else {
                        node.close();
                    }
                    end();
                });
    }

    private void forgetText() {
        if (unremembered >= 0) {
            connected().closeUnremembered(unremembered);
            unremembered = -1;
        }
    }

    private void end() {
        BackendConnection node = connected();
        forgetText();
        node.whenNoKillIsUnderWay(() -> {
            if (ownTransaction && node.isUsable()) {
                ownTransaction = false;
                node.query(ReferenceSql.COMMIT, answer -> committed(node, answer));
            } else {
                giveBack(node);
            }
        });
    }

    private void committed(BackendConnection node, CollectedAnswer answer) {
        if (answer instanceof CollectedAnswer.Ok(var packet)) {
            node.statusIs(packet.status());
        } else {
            node.close();
        }
        giveBack(node);
    }

    private void giveBack(BackendConnection node) {
        over = true;
        HeldLeases.partDone(runner, shard, node, inTransaction);
        listener.ended(this);
    }

    /** The node has rolled the session's transaction back by itself. */
    boolean hasRolledBack() {
        return rolledBack;
    }

    /** Whether it has read what it was told first. */
    boolean hasLooked() {
        return looked;
    }

    /** Reads its tables again, for this loader. */
    void readOn(ScratchLoader more) {
        loader = more;
        next = 0;
        waiting = false;
        nextTable();
    }

    void readOn(boolean on) {
        if (running && connection != null) {
            connection.readOn(on);
        }
    }

    /** Ends it as soon as can be; {@link Listener#ended} is called, perhaps at once. */
    void stop() {
        if (stopped || over) {
            return;
        }
        stopped = true;
        if (borrow.isPresent() && borrow.get().forget()) {
            over = true;
            listener.ended(this);
        } else if (running) {
            connected().readOn(true);
            runner.killer().interrupt(connected());
        } else if (waiting) {
            end();
        }
    }

    void close() {
        if (connection != null) {
            connection.close();
        }
    }

    String describe() {
        return "reading from " + shard;
    }
}
