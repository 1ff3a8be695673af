package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/**
 * Puts payloads into packets: three bytes of length, one of sequence. Thread-safe: static and
 * without state.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html">
 *     MySQL Client/Server Protocol: MySQL Packets</a>
 */
public final class Packets {

    public static final int HEADER_BYTES = 4;

    /** A payload as long as this goes on in the next packet. */
    public static final int PAYLOAD_BYTES_MAX = 0xFFFFFF;

    private Packets() {}

    /** A new buffer that holds the payload written by {@code body}, framed. */
    public static ByteBuf frame(ByteBufAllocator allocator, int sequence, Consumer<ByteBuf> body) {
        ByteBuf out = allocator.buffer();
        try {
            append(out, sequence, body);
            return out;
        } catch (RuntimeException | Error failure) {
            out.release();
            throw failure;
        }
    }

    /**
     * Appends the payload written by {@code body}, framed, in several packets if it is long.
     *
     * @return the sequence number of the packet that may follow
     */
    public static int append(ByteBuf out, int sequence, Consumer<ByteBuf> body) {
        int start = out.writerIndex();
        out.writeZero(HEADER_BYTES);
        body.accept(out);
        int length = out.writerIndex() - start - HEADER_BYTES;
        if (length < PAYLOAD_BYTES_MAX) {
            out.setMediumLE(start, length).setByte(start + 3, sequence);
            return (sequence + 1) & 0xFF;
        }
        byte[] payload = new byte[length];
        out.getBytes(start + HEADER_BYTES, payload);
        out.writerIndex(start);
        return appendSplit(out, sequence, payload);
    }

    /** A payload of exactly a multiple of the greatest length is followed by an empty packet. */
    private static int appendSplit(ByteBuf out, int sequence, byte[] payload) {
        int next = sequence;
        for (int offset = 0; ; offset += PAYLOAD_BYTES_MAX) {
            int length = Math.min(PAYLOAD_BYTES_MAX, payload.length - offset);
            out.writeMediumLE(length).writeByte(next).writeBytes(payload, offset, length);
            next = (next + 1) & 0xFF;
            if (length < PAYLOAD_BYTES_MAX) {
                return next;
            }
        }
    }
}
