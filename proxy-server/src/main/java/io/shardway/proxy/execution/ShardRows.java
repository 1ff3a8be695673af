package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.Wire;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Traits;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One shard's part of a scattered read: its connection, and those of its rows that wait for the
 * others' or for the client. Confined to its event loop.
 */
final class ShardRows implements Borrow.Result, AnswerSink {

    private static final long HELD_BYTES_MAX = 256 << 10;
    private static final long HELD_BYTES_RESUME = 64 << 10;
    private static final int ERROR = 0xFF;
    private static final int END = 0xFE;
    private static final int FULL_PACKET = 0xFFFFFF;

    /** A row, and the bytes it is ordered by. */
    record Row(byte[] payload, byte[] key) {}

    /** Hears how a part goes on. */
    interface Listener {
        /** It has its connection; the next shard's may ask for one. */
        void connected();

        /** The packets before the rows, all of them. */
        void described(ShardRows part, List<byte[]> head);

        void row(ShardRows part, byte[] payload);

        /** All that the node had sent was handed over. */
        void readComplete();

        /** No further row comes; its connection is kept until {@link #close}. */
        void answered(ShardRows part);

        /** It cannot go on; {@link #released} follows. */
        void failed(ErrPacket reason);

        /** It did all it had to, or was stopped; its connection is free. */
        void released(ShardRows part);
    }

    /** MySQL has none of this number. */
    private static final int NO_ERROR = 0;

    private final StatementRunner runner;
    private final ShardId shard;
    private final BackendCommand command;
    private final UnaryOperator<SettingsProfile> settings;
    private final boolean inTransaction;
    private final Listener listener;
    private final PacketCutter cutter = new PacketCutter(this::payload);
    private final List<byte[]> head = new ArrayList<>();
    private final ArrayDeque<Row> rows = new ArrayDeque<>();

    private Optional<Borrow> borrow = Optional.empty();
    private Optional<ErrPacket> error = Optional.empty();
    private @Nullable BackendConnection connection;
    private long columns;
    private long heldBytes;
    private int status;
    private int warnings;
    private Diagnostics diagnostics = Diagnostics.NONE;
    private boolean clientSlow;
    private boolean reading = true;
    private boolean running;
    private boolean answered;
    private boolean stopped;
    private boolean rolledBack;
    private boolean over;
    private boolean ownSnapshot;
    private boolean ownTransaction;

    ShardRows(
            StatementRunner runner,
            ShardId shard,
            BackendCommand command,
            UnaryOperator<SettingsProfile> settings,
            Listener listener) {
        this.runner = runner;
        this.shard = shard;
        this.command = command;
        this.settings = settings;
        this.listener = listener;
        this.inTransaction = TransactionRules.isInTransaction(runner.session());
    }

    /** It reads more than once, of one snapshot; to be said before it starts, in no transaction. */
    void useOwnSnapshot() {
        ownSnapshot = true;
    }

    void start() {
        var want = new Borrow.Want(Traits.ON_TABLES, command, inTransaction, true, settings);
        var borrowed = Borrow.borrow(runner, shard, want, this);
        if (connection == null && !over) {
            borrow = Optional.of(borrowed);
        }
    }

    @Override
    public void borrowed(BackendConnection taken) {
        connection = taken;
        borrow = Optional.empty();
        if (stopped) {
            listener.connected();
            release();
            return;
        }
        if (ownSnapshot) {
            ownTransaction = true;
            step(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                    () ->
                            step(
                                    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                                    () -> send(command)));
        } else {
            send(command);
        }
        listener.connected();
    }

    private void send(BackendCommand sent) {
        running = true;
        sent.send(connected(), this, 0);
        adjustReading();
    }

    private void step(String sql, Runnable then) {
        running = true;
        connected()
                .query(
                        sql,
                        reply -> {
                            running = false;
                            if (!(reply instanceof CollectedAnswer.Ok(var packet))) {
                                listener.failed(
                                        Borrow.errorOf(
                                                reply, ErrorCode.BACKEND_LOST, "shard " + shard));
                                release();
                                return;
                            }
                            connected().statusIs(packet.status());
                            if (stopped) {
                                release();
                            } else {
                                then.run();
                            }
                        });
    }

    /** Sends another statement, whose rows come like those of the first. */
    void readAgain(BackendCommand next) {
        head.clear();
        columns = 0;
        warnings = 0;
        answered = false;
        reading = true;
        running = true;
        new MakeReady(
                        runner.session(),
                        connected(),
                        Traits.ON_TABLES,
                        next,
                        () -> readied(next),
                        this::notReadied)
                .in(runner.scopes().serving())
                .under(settings)
                .withoutBeginning()
                .next();
    }

    private void readied(BackendCommand next) {
        running = false;
        if (stopped) {
            release();
        } else {
            send(next);
        }
    }

    private void notReadied(CollectedAnswer answer) {
        running = false;
        listener.failed(Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, "shard " + shard));
        release();
    }

    @Override
    public void notBorrowed(ErrPacket reason) {
        borrow = Optional.empty();
        over = true;
        listener.failed(reason);
        listener.released(this);
    }

    private BackendConnection connected() {
        if (connection == null) {
            throw new IllegalStateException("a part without a connection");
        }
        return connection;
    }

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        cutter.accept(bytes);
    }

    private void payload(byte[] payload) {
        int first = payload[0] & 0xFF;
        if (columns == 0) {
            if (first != ERROR) {
                columns = Wire.readLength(Unpooled.wrappedBuffer(payload));
                head.add(payload);
            }
        } else if (head.size() <= columns) {
            if (first != ERROR) {
                head.add(payload);
                if (head.size() > columns && !stopped) {
                    listener.described(this, head);
                }
            }
        } else if (first != ERROR && !(first == END && payload.length < FULL_PACKET) && !stopped) {
            listener.row(this, payload);
        }
    }

    @Override
    public void readComplete() {
        listener.readComplete();
    }

    @Override
    public void resultEnded(ResultEnd end) {
        if (end.isError()) {
            error = Optional.of(new ErrPacket(end.errorCode(), end.sqlState(), end.errorMessage()));
        } else {
            status = end.status();
            warnings = end.warnings();
        }
    }

    @Override
    public void answered(BackendConnection answering) {
        running = false;
        answering.readOn(true);
        if (error.isPresent()) {
            listener.failed(error.get());
            readBack();
        } else {
            answering.statusIs(status);
            if (stopped) {
                release();
            } else {
                answered = true;
                listener.answered(this);
            }
        }
    }

    @Override
    public void lost(BackendConnection lost, boolean answerBegun, Throwable cause) {
        running = false;
        runner.count(ErrorCode.BACKEND_LOST);
        listener.failed(
                Borrow.errorOf(
                        new CollectedAnswer.Lost(new IOException("lost")),
                        ErrorCode.BACKEND_LOST,
                        "shard " + shard));
        release();
    }

    /** Keeps a row until the others' are known. */
    void hold(Row row) {
        rows.add(row);
        heldBytes += row.payload().length + row.key().length;
        adjustReading();
    }

    /** Leaves out what it holds. */
    void drop() {
        rows.clear();
        heldBytes = 0;
        adjustReading();
    }

    @Nullable Row next() {
        return rows.peek();
    }

    void take() {
        Row row = rows.remove();
        heldBytes -= row.payload().length + row.key().length;
        adjustReading();
    }

    /** Whether rows may still come that it does not hold. */
    boolean isAwaited() {
        return rows.isEmpty() && !answered;
    }

    /** Whether the client takes nothing more for now. */
    void clientIsSlow(boolean slow) {
        clientSlow = slow;
        adjustReading();
    }

    /** Whether no more is read before other shards' rows are known. */
    boolean isFull() {
        return heldBytes > HELD_BYTES_MAX;
    }

    private void adjustReading() {
        boolean full = heldBytes > (reading ? HELD_BYTES_MAX : HELD_BYTES_RESUME);
        boolean on = stopped || !(clientSlow || full);
        if (on != reading && running) {
            reading = on;
            connected().readOn(on);
        }
    }

    int status() {
        return status;
    }

    int warnings() {
        return warnings;
    }

    Diagnostics diagnostics() {
        return diagnostics;
    }

    /** Reads its warnings, if any, and gives its connection back. */
    void close() {
        if (warnings > 0) {
            readBack();
        } else {
            release();
        }
    }

    /** After an error it tells, too, whether the node has rolled the transaction back. */
    private void readBack() {
        BackendConnection node = connected();
        boolean wasOpen =
                HeldLeases.partWasOpen(
                        node, inTransaction, error.map(ErrPacket::code).orElse(NO_ERROR));
        if (!node.isUsable() || (error.isPresent() && !wasOpen && !node.inTransaction())) {
            release();
            return;
        }
        running = true;
        node.query(
                "SHOW WARNINGS",
                answer -> {
                    running = false;
                    if (answer instanceof CollectedAnswer.Rows read) {
                        node.statusIs(read.status());
                        rolledBack = wasOpen && !node.inTransaction();
                        diagnostics =
                                DiagnosticsReader.read(
                                        read,
                                        runner.session().profile(),
                                        runner.diagnosticsBytesMax());
                    } else {
                        node.close();
                    }
                    release();
                });
    }

    private void release() {
        BackendConnection node = connected();
        node.whenNoKillIsUnderWay(() -> {
            if (ownTransaction && node.isUsable()) {
                ownTransaction = false;
                node.query(
                        ReferenceSql.COMMIT,
                        reply -> {
                            if (reply instanceof CollectedAnswer.Ok(var packet)) {
                                node.statusIs(packet.status());
                            } else {
                                node.close();
                            }
                            giveBack(node);
                        });
            } else {
                giveBack(node);
            }
        });
    }

    private void giveBack(BackendConnection node) {
        over = true;
        rows.clear();
        HeldLeases.partDone(runner, shard, node, inTransaction);
        listener.released(this);
    }

    /** The node has rolled the session's transaction back by itself. */
    boolean hasRolledBack() {
        return rolledBack;
    }

    /** Ends it as soon as can be; {@link Listener#released} is called, perhaps at once. */
    void stop() {
        if (stopped || over) {
            return;
        }
        stopped = true;
        if (borrow.isPresent() && borrow.get().forget()) {
            over = true;
            listener.released(this);
        } else if (running) {
            adjustReading();
            runner.killer().interrupt(connected());
        } else if (answered) {
            release();
        }
    }

    void closeConnection() {
        if (connection != null) {
            connection.close();
        }
    }
}
