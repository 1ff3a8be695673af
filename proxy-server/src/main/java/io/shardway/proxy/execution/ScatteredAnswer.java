package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.EofPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.Session;
import io.shardway.router.plan.Scatter;
import java.util.List;

/**
 * One result set for the client, made of what several shards answer: the definitions of one, rows
 * of all, one end. Confined to its event loop; one answer each.
 */
final class ScatteredAnswer {

    private static final int CHUNK_BYTES = 32 << 10;
    private static final int WARNINGS_MAX = 0xFFFF;

    /** What a node says of its own connection. */
    private static final int OF_THE_CONNECTION =
            ServerStatus.IN_TRANS
                    | ServerStatus.AUTOCOMMIT
                    | ServerStatus.IN_TRANS_READONLY
                    | ServerStatus.MORE_RESULTS
                    | ServerStatus.SESSION_STATE_CHANGED;

    private final StatementRunner runner;
    private final Session session;
    private final ClientChannel client;
    private long toSkip;
    private final long count;
    private long rows;
    private long skipped;
    private boolean begun;
    private boolean flushDue;
    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;

    ScatteredAnswer(StatementRunner runner, Scatter.Range range) {
        this.runner = runner;
        this.session = runner.session();
        this.client = runner.client();
        this.toSkip = range.skipped();
        this.count = range.count();
    }

    /** The number of columns and their definitions. */
    void begin(List<byte[]> head) {
        begun = true;
        head.forEach(this::packet);
        if (runner.eofPackets()) {
            boolean begins = !session.profile().autocommit();
            var eof = new EofPacket(0, runner.status() | (begins ? ServerStatus.IN_TRANS : 0));
            put(Packets.frame(client.allocator(), runner.nextSequence(), eof::write));
        }
    }

    boolean hasBegun() {
        return begun;
    }

    /** A row, unless LIMIT leaves it out. */
    void row(byte[] payload) {
        if (toSkip > 0) {
            toSkip--;
            skipped++;
        } else if (rows < count) {
            rows++;
            packet(payload);
        }
    }

    /** Rows that were left out elsewhere: those that come now are the answer's. */
    void begunBehind(long rowsBefore) {
        toSkip = 0;
        skipped = rowsBefore;
    }

    /** Whether LIMIT leaves out all that may come. */
    boolean isComplete() {
        return toSkip == 0 && rows >= count;
    }

    private void packet(byte[] payload) {
        if (payload.length >= Packets.PAYLOAD_BYTES_MAX) {
            longPacket(payload);
            return;
        }
        if (chunk.writableBytes() < payload.length + Packets.HEADER_BYTES) {
            pass();
            chunk =
                    client.allocator()
                            .buffer(Math.max(CHUNK_BYTES, payload.length + Packets.HEADER_BYTES));
        }
        chunk.writeMediumLE(payload.length).writeByte(runner.nextSequence()).writeBytes(payload);
        flushDue = true;
    }

    /** A payload of several packets. */
    private void longPacket(byte[] payload) {
        ByteBuf framed = client.allocator().buffer(payload.length + 64);
        int next = Packets.append(framed, runner.nextSequence(), out -> out.writeBytes(payload));
        runner.answeredUpTo((next - 1) & 0xFF);
        put(framed);
    }

    private void put(ByteBuf framed) {
        pass();
        client.write(framed);
        flushDue = true;
    }

    private void pass() {
        if (chunk.isReadable()) {
            client.write(chunk);
        } else {
            chunk.release();
        }
        chunk = Unpooled.EMPTY_BUFFER;
    }

    /** Whether the client keeps up. */
    boolean isWritable() {
        return client.isWritable() || !client.isOpen();
    }

    void flush() {
        if (flushDue) {
            flushDue = false;
            pass();
            client.flush();
        }
    }

    /**
     * @param nodes the status flags of all shards
     */
    void end(int nodes, int warnings) {
        session.rowCountIs(-1);
        session.foundRowsAre(skipped + rows);
        int status = nodes & ~OF_THE_CONNECTION | runner.status();
        int counted = Math.min(warnings, WARNINGS_MAX);
        int sequence = runner.nextSequence();
        ByteBuf end =
                runner.eofPackets()
                        ? Packets.frame(
                                client.allocator(), sequence, new EofPacket(counted, status)::write)
                        : Packets.frame(
                                client.allocator(), sequence, out -> end(out, counted, status));
        put(end);
        flush();
    }

    private void end(ByteBuf out, int warnings, int status) {
        new OkPacket(0, 0, status, warnings, new byte[0], List.of())
                .write(out, OkPacket.EOF_HEADER, session.capabilities());
    }
}
