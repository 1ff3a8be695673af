package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * The end of an answer that went well. Immutable; {@code info} is not copied and must not be
 * written to.
 *
 * @param affectedRows unsigned
 * @param lastInsertId unsigned
 * @param status flags of {@link ServerStatus}
 * @param info text for people, in the session's character_set_results
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html">
 *     MySQL Client/Server Protocol: OK_Packet</a>
 */
public record OkPacket(
        long affectedRows,
        long lastInsertId,
        int status,
        int warnings,
        byte[] info,
        List<SessionChange> changes) {

    public static final int OK_HEADER = 0x00;

    /** Header of the OK that ends rows when DEPRECATE_EOF is agreed. */
    public static final int EOF_HEADER = 0xFE;

    public OkPacket {
        changes = List.copyOf(changes);
    }

    /** An OK without news. */
    public static OkPacket of(int status) {
        return new OkPacket(0, 0, status, 0, new byte[0], List.of());
    }

    /**
     * Reads a payload from its header on. The manual calls info a string that ends with the packet
     * unless SESSION_TRACK is agreed; the server writes it length-encoded in both cases.
     */
    public static OkPacket read(ByteBuf payload, long capabilities) {
        int header = Wire.readByte(payload);
        if (header != OK_HEADER && header != EOF_HEADER) {
            throw new MalformedPacketException("not an OK packet");
        }
        long affectedRows = Wire.readNumber(payload);
        long lastInsertId = Wire.readNumber(payload);
        int status = 0;
        int warnings = 0;
        if (Capabilities.has(capabilities, Capabilities.PROTOCOL_41)) {
            status = Wire.readShort(payload);
            warnings = Wire.readShort(payload);
        } else if (Capabilities.has(capabilities, Capabilities.TRANSACTIONS)) {
            status = Wire.readShort(payload);
        }
        byte[] info = payload.isReadable() ? Wire.readBytes(payload) : new byte[0];
        List<SessionChange> changes = List.of();
        if (Capabilities.has(capabilities, Capabilities.SESSION_TRACK)
                && (status & ServerStatus.SESSION_STATE_CHANGED) != 0) {
            changes = SessionChange.readAll(Wire.readBytes(payload));
        }
        return new OkPacket(affectedRows, lastInsertId, status, warnings, info, changes);
    }

    /** Writes the payload; changes are left out where the reader did not agree to SESSION_TRACK. */
    public void write(ByteBuf out, int header, long capabilities) {
        boolean tracked =
                Capabilities.has(capabilities, Capabilities.SESSION_TRACK) && !changes.isEmpty();
        int flags = status & ~ServerStatus.SESSION_STATE_CHANGED;
        out.writeByte(header);
        Wire.writeLength(out, affectedRows);
        Wire.writeLength(out, lastInsertId);
        if (Capabilities.has(capabilities, Capabilities.PROTOCOL_41)) {
            out.writeShortLE(tracked ? flags | ServerStatus.SESSION_STATE_CHANGED : flags);
            out.writeShortLE(warnings);
        } else if (Capabilities.has(capabilities, Capabilities.TRANSACTIONS)) {
            out.writeShortLE(flags);
        }
        if (tracked || info.length > 0) {
            Wire.writeBytes(out, info);
        }
        if (tracked) {
            ByteBuf block = Unpooled.buffer();
            changes.forEach(change -> change.write(block));
            Wire.writeBytes(out, Wire.readRest(block));
        }
    }
}
