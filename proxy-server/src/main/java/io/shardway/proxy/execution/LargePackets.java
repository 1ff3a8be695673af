package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Frames commands of any size: payloads of 16 MiB and more are cut (MySQL Packets). */
final class LargePackets {

    private static final int PART_MAX = 0xFFFFFF;

    private LargePackets() {}

    /** Frames a whole payload, command byte included; the payload is not released. */
    static ByteBuf frame(ByteBufAllocator allocator, ByteBuf payload) {
        int length = payload.readableBytes();
        ByteBuf out = allocator.buffer(length + 4 * (length / PART_MAX + 1));
        int at = payload.readerIndex();
        int sequence = 0;
        int part;
        do {
            part = Math.min(payload.writerIndex() - at, PART_MAX);
            out.writeMediumLE(part).writeByte(sequence++).writeBytes(payload, at, part);
            at += part;
        } while (part == PART_MAX);
        return out;
    }

    static ByteBuf command(ByteBufAllocator allocator, int command, byte[] argument) {
        int length = argument.length + 1;
        ByteBuf out = allocator.buffer(length + 4 * (length / PART_MAX + 1));
        int part = Math.min(length, PART_MAX);
        out.writeMediumLE(part).writeByte(0).writeByte(command).writeBytes(argument, 0, part - 1);
        int written = part - 1;
        int sequence = 1;
        while (part == PART_MAX) {
            part = Math.min(argument.length - written, PART_MAX);
            out.writeMediumLE(part).writeByte(sequence++).writeBytes(argument, written, part);
            written += part;
        }
        return out;
    }
}
