package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerRewrite;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.ResultEnd;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.router.keyspace.ShardId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One shard's part of a client's file: LOAD DATA LOCAL on the node, again and again with a bounded
 * number of records, so that what must be remembered of them is bounded. Confined to its event
 * loop.
 */
final class LoadPart {

    /** Of one statement; the number of each in the client's file is remembered till its end. */
    static final int RECORDS_MAX = 1 << 17;

    private static final int PACKET_BYTES = 64 << 10;
    private static final int HEADER_BYTES = 4;
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** What the part waits for. */
    enum Stage {
        /** A connection, its settings, a savepoint. */
        STARTING,
        /** The next record. */
        IDLE,
        /** The node asks for the file when it has read the statement. */
        ASKED,
        /** Records. */
        LOADING,
        /** The node's answer, and what is read back after it. */
        ENDING,
        /** Nothing: it failed. */
        FAILED
    }

    private final SpreadPart spread;
    private final FileRows rows = new FileRows();
    private final Runnable writable;
    private Stage stage = Stage.STARTING;
    private ByteBuf packet = Unpooled.EMPTY_BUFFER;
    private int sequence;
    private boolean blocked;
    private boolean breaksOff;
    private boolean executing;
    private long affected;
    private final long[] counts = new long[4];
    private Map<String, Optional<String>> variables = Map.of();

    /**
     * @param writable hears that a node that was slow can take more
     */
    LoadPart(ShardId shard, Runnable writable) {
        this.spread = new SpreadPart(shard, rows, NoCommand.INSTANCE);
        this.writable = writable;
    }

    /** Its connection, and what must be undone on it. */
    SpreadPart spread() {
        return spread;
    }

    BackendConnection connection() {
        return spread.connection();
    }

    Stage stage() {
        return stage;
    }

    void stageIs(Stage now) {
        stage = now;
    }

    /** Nothing is under way. */
    boolean isQuiet() {
        return stage == Stage.IDLE || stage == Stage.FAILED;
    }

    /** The node has the statement and has not answered it. */
    boolean isExecuting() {
        return executing;
    }

    /** The node is slower than the client. */
    boolean isBlocked() {
        return blocked;
    }

    boolean isFull() {
        return rows.size() >= RECORDS_MAX;
    }

    /** The user variables that the statement set, after its last record. */
    Map<String, Optional<String>> variables() {
        return variables;
    }

    void variablesAre(Map<String, Optional<String>> now) {
        variables = now;
    }

    long affected() {
        return affected;
    }

    /** Records, deleted, skipped, warnings: as MySQL tells them. */
    long count(int index) {
        return counts[index];
    }

    /** Sends the statement. */
    void ask(ByteBuf command, Runnable asked, Consumer<CollectedAnswer> answered) {
        stage = Stage.ASKED;
        executing = true;
        rows.clear();
        connection()
                .send(
                        command,
                        AnswerKind.RESULTS,
                        AnswerRewrite.NONE,
                        new Sink(asked, BackendConnection.collector(AnswerKind.RESULTS, answered)));
    }

    private final class Sink implements AnswerSink {
        private final Runnable asked;
        private final AnswerSink answer;
        private boolean asks;

        private Sink(Runnable asked, AnswerSink answer) {
            this.asked = asked;
            this.answer = answer;
        }

        @Override
        public void localFileAsked(int askedWith) {
            asks = true;
            sequence = askedWith;
        }

        /** The packet that asks comes alone: the node waits. */
        @Override
        public void bytes(ByteBuf bytes, boolean last) {
            if (!asks) {
                answer.bytes(bytes, last);
                return;
            }
            asks = false;
            bytes.release();
            stage = Stage.LOADING;
            if (breaksOff) {
                end();
            } else {
                asked.run();
            }
        }

        @Override
        public void resultEnded(ResultEnd end) {
            answer.resultEnded(end);
        }

        @Override
        public void answered(BackendConnection connection) {
            stage = Stage.ENDING;
            executing = false;
            release();
            connection.whenNoKillIsUnderWay(() -> answer.answered(connection));
        }

        @Override
        public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {
            blocked = false;
            executing = false;
            release();
            answer.lost(connection, answerBegun, cause);
        }
    }

    /** A record begins. */
    void begin(int row) {
        rows.append(row);
    }

    /** What stands in the record next. */
    void append(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (packet.capacity() == 0) {
                packet = connection().allocator().buffer(PACKET_BYTES).writeZero(HEADER_BYTES);
            }
            int step = Math.min(to - at, PACKET_BYTES - packet.writerIndex());
            packet.writeBytes(bytes, at, step);
            at += step;
            if (packet.writerIndex() == PACKET_BYTES) {
                flush();
            }
        }
    }

    private void flush() {
        ByteBuf full = packet;
        packet = Unpooled.EMPTY_BUFFER;
        if (full.capacity() > 0) {
            send(full);
        }
    }

    private void send(ByteBuf framed) {
        sequence = (sequence + 1) & 0xFF;
        framed.setMediumLE(0, framed.writerIndex() - HEADER_BYTES).setByte(3, sequence);
        blocked =
                !connection()
                        .sendOn(
                                framed,
                                () -> {
                                    blocked = false;
                                    writable.run();
                                });
    }

    /** No more records for this statement. */
    void end() {
        stage = Stage.ENDING;
        flush();
        send(connection().allocator().buffer(HEADER_BYTES).writeZero(HEADER_BYTES));
    }

    /** The statement failed elsewhere: what the node has not got yet it does not get. */
    void breakOff() {
        breaksOff = true;
        release();
        if (stage == Stage.LOADING) {
            end();
        }
    }

    private void release() {
        packet.release();
        packet = Unpooled.EMPTY_BUFFER;
    }

    /** The node has carried one statement out. */
    void done(OkPacket ok) {
        affected += ok.affectedRows();
        Matcher number = NUMBER.matcher(new String(ok.info(), UTF_8));
        for (int i = 0; i < counts.length && number.find(); i++) {
            counts[i] += Long.parseLong(number.group());
        }
    }
}
