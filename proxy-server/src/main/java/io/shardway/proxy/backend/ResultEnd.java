package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.Wire;
import java.nio.charset.StandardCharsets;

/**
 * What the packet at the end of a result says; reused by its follower, valid during {@link
 * AnswerSink#resultEnded} only. Confined to its event loop.
 */
public final class ResultEnd {

    private static final int HEADER_BYTES = 4;

    private ByteBuf packet = Unpooled.EMPTY_BUFFER;
    private int start;
    private int payloadBytes;
    private boolean error;
    private boolean afterRows;
    private long rows;
    private long affectedRows;
    private long lastInsertId;
    private int statusOffset;
    private int status;
    private int warnings;
    private ByteBuf replacement = Unpooled.EMPTY_BUFFER;

    void read(ByteBuf buffer, int packetStart, int length, boolean endsRows, long rowCount) {
        packet = buffer;
        start = packetStart;
        payloadBytes = length;
        afterRows = endsRows;
        rows = rowCount;
        replacement = Unpooled.EMPTY_BUFFER;
        int first = buffer.getUnsignedByte(packetStart + HEADER_BYTES);
        error = first == 0xFF;
        if (error) {
            affectedRows = -1;
            lastInsertId = 0;
            status = 0;
            warnings = 0;
            return;
        }
        int saved = buffer.readerIndex();
        try {
            buffer.readerIndex(packetStart + HEADER_BYTES + 1);
            affectedRows = Wire.readLength(buffer);
            lastInsertId = Wire.readLength(buffer);
            statusOffset = buffer.readerIndex();
            status = buffer.getUnsignedShortLE(statusOffset);
            warnings = buffer.getUnsignedShortLE(statusOffset + 2);
        } finally {
            buffer.readerIndex(saved);
        }
    }

    /**
     * An error ends the answer; nothing below but {@link #errorCode} and {@link #errorMessage} has
     * a meaning.
     */
    public boolean isError() {
        return error;
    }

    /** The packet ends rows, else it stands alone. */
    public boolean isAfterRows() {
        return afterRows;
    }

    /** Rows seen in this result. */
    public long rows() {
        return rows;
    }

    public long affectedRows() {
        return affectedRows;
    }

    public long lastInsertId() {
        return lastInsertId;
    }

    public int status() {
        return status;
    }

    public int warnings() {
        return warnings;
    }

    public boolean hasMoreResults() {
        return !error && (status & ServerStatus.MORE_RESULTS) != 0;
    }

    public boolean hasSessionChanges() {
        return !error && (status & ServerStatus.SESSION_STATE_CHANGED) != 0;
    }

    public int errorCode() {
        return packet.getUnsignedShortLE(start + HEADER_BYTES + 1);
    }

    public String sqlState() {
        return packet.toString(start + HEADER_BYTES + 4, 5, StandardCharsets.US_ASCII);
    }

    public byte[] errorMessage() {
        int from = start + HEADER_BYTES + 9;
        byte[] message = new byte[Math.max(0, payloadBytes - 9)];
        packet.getBytes(from, message);
        return message;
    }

    /** Reads the whole OK packet, session changes included. */
    public OkPacket ok() {
        ByteBuf payload = packet.slice(start + HEADER_BYTES, payloadBytes);
        return OkPacket.read(payload, Capabilities.SESSION_TRACK | Capabilities.PROTOCOL_41);
    }

    /** Sequence number of the packet as the node sent it. */
    public int sequence() {
        return packet.getUnsignedByte(start + 3);
    }

    /** Changes the status flags in place. */
    public void patchStatus(int newStatus) {
        packet.setShortLE(statusOffset, newStatus);
        status = newStatus;
    }

    /** The replacement carries these flags. */
    public void noteStatus(int newStatus) {
        status = newStatus;
    }

    /** Passes these framed bytes on instead of the packet. */
    public void replaceWith(ByteBuf framedPackets) {
        replacement = framedPackets;
    }

    ByteBuf takeReplacement() {
        ByteBuf taken = replacement;
        replacement = Unpooled.EMPTY_BUFFER;
        packet = Unpooled.EMPTY_BUFFER;
        return taken;
    }
}
