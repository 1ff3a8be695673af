package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * What of a received buffer goes on as it came and what goes in between. A large buffer is handed
 * on in slices, without copying; the pieces of a small one are joined, because one write of a few
 * hundred bytes costs less than one of four pieces. Confined to its event loop.
 */
final class AnswerPieces {

    private static final int JOINED_BYTES_MAX = 4096;

    /** Room for the packets put in between, before a joined buffer has to grow. */
    private static final int SLACK_BYTES = 64;

    private final ByteBufAllocator allocator;
    private ByteBuf joined = Unpooled.EMPTY_BUFFER;

    AnswerPieces(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** A part of the received buffer. */
    void part(ByteBuf received, int from, int to, AnswerSink sink) {
        if (to <= from) {
            return;
        }
        if (isJoined(received)) {
            joined(received).writeBytes(received, from, to - from);
        } else {
            sink.bytes(received.retainedSlice(from, to - from), false);
        }
    }

    /** A packet put in while the received buffer is followed; the pieces own it. */
    void insert(ByteBuf packet, ByteBuf received, AnswerSink sink) {
        if (isJoined(received)) {
            joined(received).writeBytes(packet);
            packet.release();
        } else {
            sink.bytes(packet, false);
        }
    }

    /** The rest of the received buffer, which the pieces own from here on. */
    void rest(ByteBuf received, int from, boolean last, AnswerSink sink) {
        if (joined.isReadable()) {
            ByteBuf whole = joined;
            joined = Unpooled.EMPTY_BUFFER;
            whole.writeBytes(received, from, received.writerIndex() - from);
            received.release();
            sink.bytes(whole, last);
            return;
        }
        if (from < received.writerIndex()) {
            received.readerIndex(from);
            sink.bytes(received, last);
            return;
        }
        received.release();
        if (last) {
            sink.bytes(Unpooled.EMPTY_BUFFER, true);
        }
    }

    /** Forgets what was joined, when the answer turns out to be malformed. */
    void drop() {
        joined.release();
        joined = Unpooled.EMPTY_BUFFER;
    }

    private static boolean isJoined(ByteBuf received) {
        return received.readableBytes() <= JOINED_BYTES_MAX;
    }

    private ByteBuf joined(ByteBuf received) {
        if (joined == Unpooled.EMPTY_BUFFER) {
            joined = allocator.buffer(received.readableBytes() + SLACK_BYTES);
        }
        return joined;
    }
}
