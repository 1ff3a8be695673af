package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.session.ClientChannel;
import java.util.Optional;

/**
 * Relays a client's file to the node that asked for it (MySQL Client/Server Protocol, "LOCAL INFILE
 * Request"), packet by packet up to the empty one; a slow node stops the reading of the client.
 * Confined to its event loop.
 */
final class LocalFile implements ClientChannel.Upload {

    private static final int HEADER_BYTES = 4;
    private static final int FULL_PACKET = 0xFFFFFF;

    private final ClientChannel client;
    private final BackendConnection node;
    private final int sequenceShift;
    private ByteBuf header = Unpooled.EMPTY_BUFFER;
    private int leftOfPacket;
    private boolean continued;

    /**
     * @param sequenceShift how much larger the client's sequence numbers are than the node's
     */
    LocalFile(ClientChannel client, BackendConnection node, int sequenceShift) {
        this.client = client;
        this.node = node;
        this.sequenceShift = sequenceShift;
    }

    /** Tells the node that there is nothing, as a client does that has no such file. */
    static void refuse(BackendConnection node, int askedWith) {
        ByteBuf empty = node.allocator().buffer(HEADER_BYTES).writeMediumLE(0);
        node.sendOn(empty.writeByte(askedWith + 1), () -> {});
    }

    @Override
    public Optional<ByteBuf> received(ByteBuf bytes) {
        ByteBuf in = joined(bytes);
        int start = in.readerIndex();
        int at = start;
        int end = in.writerIndex();
        boolean last = false;
        while (at < end && !last) {
            if (leftOfPacket > 0) {
                int step = Math.min(leftOfPacket, end - at);
                at += step;
                leftOfPacket -= step;
            } else if (end - at < HEADER_BYTES) {
                header = in.copy(at, end - at);
                end = at;
            } else {
                leftOfPacket = in.getUnsignedMediumLE(at);
                // The empty packet behind one of full length ends that one, not the file.
                last = leftOfPacket == 0 && !continued;
                continued = leftOfPacket == FULL_PACKET;
                in.setByte(at + 3, in.getUnsignedByte(at + 3) - sequenceShift);
                at += HEADER_BYTES;
            }
        }
        pass(in, start, at);
        Optional<ByteBuf> rest =
                last ? Optional.of(in.copy(at, in.writerIndex() - at)) : Optional.empty();
        in.release();
        return rest;
    }

    private ByteBuf joined(ByteBuf bytes) {
        if (!header.isReadable()) {
            return bytes;
        }
        ByteBuf all = client.allocator().buffer(header.readableBytes() + bytes.readableBytes());
        all.writeBytes(header).writeBytes(bytes);
        header.release();
        bytes.release();
        header = Unpooled.EMPTY_BUFFER;
        return all;
    }

    private void pass(ByteBuf in, int from, int to) {
        if (to > from) {
            boolean more =
                    node.sendOn(in.retainedSlice(from, to - from), () -> client.readOn(true));
            if (!more) {
                client.readOn(false);
            }
        }
    }

    /** The command is over. */
    void release() {
        header.release();
        header = Unpooled.EMPTY_BUFFER;
        client.readOn(true);
    }
}
