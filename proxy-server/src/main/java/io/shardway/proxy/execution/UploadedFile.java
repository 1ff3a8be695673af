package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.session.ClientChannel;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What a client sends of its file, taken out of its packets (MySQL Client/Server Protocol, "LOCAL
 * INFILE Request"). Confined to its event loop.
 */
final class UploadedFile implements ClientChannel.Upload {

    private static final int HEADER_BYTES = 4;
    private static final int FULL_PACKET = 0xFFFFFF;

    private final IntConsumer arrived;
    private byte[] bytes = new byte[64 << 10];
    private int from;
    private int to;
    private int headerBytes;
    private int length;
    private int sequence;
    private int leftOfPacket;
    private boolean continued;
    private boolean ended;
    private boolean discarding;
    private long heardNanos = System.nanoTime();

    /**
     * @param arrived hears after each piece, with the sequence number of the last packet
     */
    UploadedFile(IntConsumer arrived) {
        this.arrived = arrived;
    }

    /** What has come and was not taken, between {@link #from} and {@link #to}. */
    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    int size() {
        return to - from;
    }

    /** Nothing follows. */
    boolean isEnded() {
        return ended;
    }

    /** When the client sent something last. */
    long heardNanos() {
        return heardNanos;
    }

    void takeUpTo(int offset) {
        from = offset;
    }

    /** Nobody wants the rest; the client sends it all the same. */
    void discard() {
        discarding = true;
        from = 0;
        to = 0;
        bytes = new byte[0];
    }

    @Override
    public Optional<ByteBuf> received(ByteBuf in) {
        heardNanos = System.nanoTime();
        Optional<ByteBuf> rest = Optional.empty();
        try {
            while (in.isReadable() && !ended) {
                if (leftOfPacket > 0) {
                    int step = Math.min(leftOfPacket, in.readableBytes());
                    keep(in, step);
                    leftOfPacket -= step;
                } else {
                    header(in.readUnsignedByte());
                }
            }
            if (ended) {
                rest = Optional.of(in.copy());
            }
        } finally {
            in.release();
        }
        arrived.accept(sequence);
        return rest;
    }

    private void header(int value) {
        if (headerBytes == HEADER_BYTES - 1) {
            sequence = value;
            headerBytes = 0;
            ended = length == 0 && !continued;
            continued = length == FULL_PACKET;
            leftOfPacket = length;
            length = 0;
        } else {
            length |= value << (8 * headerBytes);
            headerBytes++;
        }
    }

    private void keep(ByteBuf in, int count) {
        if (discarding) {
            in.skipBytes(count);
            return;
        }
        if (to + count > bytes.length) {
            int size = to - from;
            byte[] roomy =
                    size + count > bytes.length
                            ? new byte[Math.max(2 * bytes.length, size + count)]
                            : bytes;
            System.arraycopy(bytes, from, roomy, 0, size);
            bytes = roomy;
            from = 0;
            to = size;
        }
        in.readBytes(bytes, to, count);
        to += count;
    }
}
