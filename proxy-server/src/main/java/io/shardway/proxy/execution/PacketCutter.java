package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/**
 * Cuts the bytes of an answer into payloads; those of 16 MiB and more come in parts (MySQL
 * Packets). Confined to its event loop.
 */
final class PacketCutter {

    private static final int HEADER_BYTES = 4;
    private static final int PART_MAX = 0xFFFFFF;

    private final Consumer<byte[]> payloads;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);
    private final ByteBuf held = Unpooled.buffer(256);

    PacketCutter(Consumer<byte[]> payloads) {
        this.payloads = payloads;
    }

    /** Takes the buffer over. */
    void accept(ByteBuf bytes) {
        try {
            if (held.isReadable()) {
                held.writeBytes(bytes);
                cut(held);
                held.discardReadBytes();
            } else {
                cut(bytes);
                held.clear().writeBytes(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void cut(ByteBuf in) {
        while (in.readableBytes() >= HEADER_BYTES) {
            int length = in.getUnsignedMediumLE(in.readerIndex());
            if (in.readableBytes() < HEADER_BYTES + length) {
                return;
            }
            byte[] payload = new byte[length];
            in.skipBytes(HEADER_BYTES).readBytes(payload);
            payload(payload);
        }
    }

    private void payload(byte[] payload) {
        boolean part = payload.length == PART_MAX;
        if (!part && parts.size() == 0) {
            payloads.accept(payload);
            return;
        }
        parts.writeBytes(payload);
        if (!part) {
            payloads.accept(parts.toByteArray());
            parts.reset();
        }
    }
}
