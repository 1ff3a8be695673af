package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The end of column definitions or rows where DEPRECATE_EOF is not agreed. Immutable.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_eof_packet.html">
 *     MySQL Client/Server Protocol: EOF_Packet</a>
 */
public record EofPacket(int warnings, int status) {

    public static final int HEADER = 0xFE;

    /** A 0xFE payload of this length or longer is a row or an OK packet, never an EOF. */
    public static final int PAYLOAD_BYTES_LIMIT = 9;

    public static EofPacket read(ByteBuf payload) {
        if (payload.readableBytes() >= PAYLOAD_BYTES_LIMIT || Wire.readByte(payload) != HEADER) {
            throw new MalformedPacketException("not an EOF packet");
        }
        return new EofPacket(Wire.readShort(payload), Wire.readShort(payload));
    }

    public void write(ByteBuf out) {
        int flags = status & ~ServerStatus.SESSION_STATE_CHANGED;
        out.writeByte(HEADER).writeShortLE(warnings).writeShortLE(flags);
    }
}
