package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.router.ErrorCode;

/**
 * The end of an answer that failed. Immutable; {@code message} is not copied and must not be
 * written to.
 *
 * @param sqlState five characters, or empty when the server sent none (before login)
 * @param message in the session's character_set_results
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html">
 *     MySQL Client/Server Protocol: ERR_Packet</a>
 */
public record ErrPacket(int code, String sqlState, byte[] message) {

    public static final int HEADER = 0xFF;

    private static final int STATE_LENGTH = 5;

    public ErrPacket {
        if (!sqlState.isEmpty() && sqlState.length() != STATE_LENGTH) {
            throw new IllegalArgumentException("an SQL state has five characters: " + sqlState);
        }
    }

    /** One of our own errors, text in UTF-8. */
    public static ErrPacket of(ErrorCode code, String detail) {
        return new ErrPacket(
                code.mysqlCode(), code.sqlState(), code.message(detail).getBytes(UTF_8));
    }

    /** Reads a payload from its header on, with or without the state and its marker. */
    public static ErrPacket read(ByteBuf payload) {
        if (Wire.readByte(payload) != HEADER) {
            throw new MalformedPacketException("not an ERR packet");
        }
        int code = Wire.readShort(payload);
        String sqlState = "";
        if (payload.isReadable() && payload.getByte(payload.readerIndex()) == '#') {
            Wire.skip(payload, 1);
            sqlState = new String(Wire.readFixed(payload, STATE_LENGTH), US_ASCII);
        }
        return new ErrPacket(code, sqlState, Wire.readRest(payload));
    }

    /**
     * Writes the payload; before the client has told its capabilities they are 0: no state then.
     */
    public void write(ByteBuf out, long capabilities) {
        out.writeByte(HEADER).writeShortLE(code);
        if (Capabilities.has(capabilities, Capabilities.PROTOCOL_41)) {
            out.writeByte('#');
            out.writeBytes((sqlState.isEmpty() ? "HY000" : sqlState).getBytes(US_ASCII));
        }
        out.writeBytes(message);
    }

    /** The message for logs; bytes that are not UTF-8 become replacement characters. */
    public String text() {
        return new String(message, UTF_8);
    }
}
