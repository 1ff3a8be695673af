package io.shardway.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.Optional;

/**
 * Cuts a client's bytes into commands. A command of 16 MiB and more comes in several packets (MySQL
 * Client/Server Protocol, "MySQL Packets"). Confined to its event loop.
 */
final class CommandFramer {

    private static final int HEADER_BYTES = 4;
    private static final int FULL_PACKET = 0xFFFFFF;

    private final ByteBufAllocator allocator;
    private final int payloadBytesMax;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;

    CommandFramer(ByteBufAllocator allocator, int payloadBytesMax) {
        this.allocator = allocator;
        this.payloadBytesMax = payloadBytesMax;
    }

    /**
     * One whole command; whoever takes it releases both buffers.
     *
     * @param framed all its packets as they came
     * @param payload from the command byte on, in one piece
     */
    record Command(ByteBuf framed, ByteBuf payload, int lastSequence) {}

    void add(ByteBuf bytes) {
        if (!received.isReadable()) {
            received.release();
            received = bytes;
            return;
        }
        if (received.refCnt() > 1
                || received.maxWritableBytes() < bytes.readableBytes()
                || received.isReadOnly()
                || received.writableBytes() < bytes.readableBytes()) {
            int size = received.readableBytes() + bytes.readableBytes();
            ByteBuf larger = allocator.buffer(Math.max(size, Math.min(size * 2, payloadBytesMax)));
            larger.writeBytes(received);
            received.release();
            received = larger;
        }
        received.writeBytes(bytes);
        bytes.release();
    }

    boolean isEmpty() {
        return !received.isReadable();
    }

    int bytes() {
        return received.readableBytes();
    }

    /** The next command; its sequence numbers begin with 0. */
    Optional<Command> next() {
        return cut(true);
    }

    /** The next packet of an exchange within a command. */
    Optional<Command> nextPacket() {
        return cut(false);
    }

    private Optional<Command> cut(boolean command) {
        int at = received.readerIndex();
        int available = received.readableBytes();
        int end = 0;
        int payload = 0;
        int sequence =
                command ? 0 : available >= HEADER_BYTES ? received.getUnsignedByte(at + 3) : 0;
        int packets = 0;
        while (true) {
            if (available < end + HEADER_BYTES) {
                return Optional.empty();
            }
            int length = received.getUnsignedMediumLE(at + end);
            if (received.getUnsignedByte(at + end + 3) != ((sequence + packets) & 0xFF)) {
                throw new MalformedPacketException("packets out of order");
            }
            payload += length;
            if (payload > payloadBytesMax) {
                throw new ShardwayException(ErrorCode.PACKET_TOO_LARGE, payloadBytesMax + " bytes");
            }
            end += HEADER_BYTES + length;
            packets++;
            if (length < FULL_PACKET) {
                break;
            }
        }
        if (available < end) {
            return Optional.empty();
        }
        if (payload == 0) {
            throw new MalformedPacketException("an empty command");
        }
        int last = (sequence + packets - 1) & 0xFF;
        ByteBuf framed = take(end, available);
        ByteBuf whole =
                packets == 1
                        ? framed.retainedSlice(framed.readerIndex() + HEADER_BYTES, payload)
                        : join(framed, payload);
        return Optional.of(new Command(framed, whole, last));
    }

    private ByteBuf take(int bytes, int available) {
        if (bytes == available) {
            ByteBuf all = received;
            received = Unpooled.EMPTY_BUFFER;
            return all;
        }
        return received.readRetainedSlice(bytes);
    }

    private ByteBuf join(ByteBuf framed, int payload) {
        ByteBuf joined = allocator.buffer(payload);
        int at = framed.readerIndex();
        while (at < framed.writerIndex()) {
            int length = framed.getUnsignedMediumLE(at);
            joined.writeBytes(framed, at + HEADER_BYTES, length);
            at += HEADER_BYTES + length;
        }
        return joined;
    }

    void release() {
        received.release();
        received = Unpooled.EMPTY_BUFFER;
    }
}
