package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * Cuts a stream of bytes into whole payloads: joins split packets and checks sequence numbers.
 * Confined to its connection's event loop. Copies every payload, so it is for login and other slow
 * paths only.
 */
public final class PacketDecoder {

    private final int payloadBytesMax;
    private int sequence;

    public PacketDecoder(int payloadBytesMax) {
        this.payloadBytesMax = payloadBytesMax;
    }

    /** The sequence number that the next packet of either side must carry. */
    public int sequence() {
        return sequence;
    }

    /** Counts a packet that this side has sent. */
    public void sequence(int next) {
        sequence = next & 0xFF;
    }

    /**
     * Takes one whole payload from {@code in}, or nothing while bytes are missing. The result is an
     * unpooled heap buffer that needs no release.
     *
     * @throws MalformedPacketException when a packet is out of order or the payload too long
     */
    public Optional<ByteBuf> decode(ByteBuf in) {
        int end = in.readerIndex();
        int next = sequence;
        int total = 0;
        int length;
        do {
            if (in.writerIndex() - end < Packets.HEADER_BYTES) {
                return Optional.empty();
            }
            length = in.getUnsignedMediumLE(end);
            check(in.getUnsignedByte(end + 3), next, total + (long) length);
            if (in.writerIndex() - end - Packets.HEADER_BYTES < length) {
                return Optional.empty();
            }
            total += length;
            end += Packets.HEADER_BYTES + length;
            next = (next + 1) & 0xFF;
        } while (length == Packets.PAYLOAD_BYTES_MAX);
        sequence = next;
        return Optional.of(Unpooled.wrappedBuffer(take(in, end, total)));
    }

    private void check(int found, int expected, long total) {
        if (found != expected) {
            throw new MalformedPacketException(
                    "packet " + found + " came where packet " + expected + " was due");
        }
        if (total > payloadBytesMax) {
            throw new MalformedPacketException(
                    "a packet is longer than " + payloadBytesMax + " bytes");
        }
    }

    private static byte[] take(ByteBuf in, int end, int total) {
        byte[] payload = new byte[total];
        int filled = 0;
        while (in.readerIndex() < end) {
            int length = in.readUnsignedMediumLE();
            in.skipBytes(1).readBytes(payload, filled, length);
            filled += length;
        }
        return payload;
    }
}
