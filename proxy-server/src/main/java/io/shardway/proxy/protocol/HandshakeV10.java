package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/**
 * The server's first packet. Immutable; {@code nonce} is not copied.
 *
 * @param connectionId only its low 32 bits are sent
 * @param nonce 20 bytes without NUL, mixed into the client's answer
 * @param plugin name of the authentication plugin that the server proposes
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html">
 *     MySQL Client/Server Protocol: Protocol::HandshakeV10</a>
 */
public record HandshakeV10(
        String serverVersion,
        long connectionId,
        byte[] nonce,
        long capabilities,
        int collation,
        int status,
        String plugin) {

    private static final int PROTOCOL_VERSION = 10;
    private static final int NONCE_FIRST_PART = 8;
    private static final int RESERVED_BYTES = 10;

    /** Older servers, which lack PLUGIN_AUTH, are refused as malformed. */
    public static HandshakeV10 read(ByteBuf payload) {
        if (Wire.readByte(payload) != PROTOCOL_VERSION) {
            throw new MalformedPacketException("not a handshake of version 10");
        }
        String serverVersion = Wire.readNulTerminated(payload, UTF_8);
        long connectionId = Wire.readInt(payload);
        byte[] first = Wire.readFixed(payload, NONCE_FIRST_PART);
        Wire.skip(payload, 1);
        long capabilities = Wire.readShort(payload);
        int collation = Wire.readByte(payload);
        int status = Wire.readShort(payload);
        capabilities |= (long) Wire.readShort(payload) << 16;
        int nonceBytes = Wire.readByte(payload);
        Wire.skip(payload, RESERVED_BYTES);
        if (!Capabilities.has(capabilities, Capabilities.PLUGIN_AUTH)
                || nonceBytes != Scrambles.NONCE_BYTES + 1) {
            throw new MalformedPacketException("the server is too old");
        }
        byte[] second = Wire.readFixed(payload, Scrambles.NONCE_BYTES - NONCE_FIRST_PART);
        Wire.skip(payload, 1);
        byte[] nonce = new byte[Scrambles.NONCE_BYTES];
        System.arraycopy(first, 0, nonce, 0, first.length);
        System.arraycopy(second, 0, nonce, first.length, second.length);
        String plugin = Wire.readNulTerminated(payload, UTF_8);
        return new HandshakeV10(
                serverVersion, connectionId, nonce, capabilities, collation, status, plugin);
    }

    public void write(ByteBuf out) {
        out.writeByte(PROTOCOL_VERSION);
        Wire.writeNulTerminated(out, serverVersion, UTF_8);
        out.writeIntLE((int) connectionId);
        out.writeBytes(nonce, 0, NONCE_FIRST_PART).writeByte(0);
        out.writeShortLE((int) capabilities).writeByte(collation).writeShortLE(status);
        out.writeShortLE((int) (capabilities >>> 16)).writeByte(nonce.length + 1);
        out.writeZero(RESERVED_BYTES);
        out.writeBytes(nonce, NONCE_FIRST_PART, nonce.length - NONCE_FIRST_PART).writeByte(0);
        Wire.writeNulTerminated(out, plugin, UTF_8);
    }
}
