package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * The client's answer to {@link HandshakeV10}. Immutable; {@code response} is not copied. Names are
 * read in the character set of the client's collation.
 *
 * @param capabilities the client's own; both sides use what the server offered too
 * @param response the scramble, empty for an empty password
 * @param schema empty when none is named
 * @param plugin the authentication plugin that made {@code response}
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html">
 *     MySQL Client/Server Protocol: Protocol::HandshakeResponse41, Protocol::SSLRequest</a>
 */
public record HandshakeResponse(
        long capabilities,
        long packetBytesMax,
        int collation,
        String user,
        byte[] response,
        String schema,
        String plugin,
        Map<String, String> attributes) {

    /** An SSLRequest is the fixed part of a response and nothing else. */
    public static final int SSL_REQUEST_BYTES = 32;

    private static final int RESERVED_BYTES = 23;
    private static final int SHORT_LENGTH_MAX = 250;

    public HandshakeResponse {
        attributes = Map.copyOf(attributes);
    }

    /** Whether the payload asks to go on in TLS; reads nothing. */
    public static boolean isSslRequest(ByteBuf payload) {
        return payload.readableBytes() == SSL_REQUEST_BYTES
                && Capabilities.has(
                        payload.getUnsignedIntLE(payload.readerIndex()), Capabilities.SSL);
    }

    /**
     * Reads a payload; fields whose capability the server did not offer are not in it.
     *
     * @throws MalformedPacketException also for clients before MySQL 5.5.7, without PLUGIN_AUTH
     */
    public static HandshakeResponse read(ByteBuf payload, long offered) {
        long capabilities = Wire.readInt(payload);
        long agreed = capabilities & offered;
        if (!Capabilities.has(
                agreed,
                Capabilities.PROTOCOL_41
                        | Capabilities.SECURE_CONNECTION
                        | Capabilities.PLUGIN_AUTH)) {
            throw new MalformedPacketException("the client is too old, or this is not MySQL");
        }
        long packetBytesMax = Wire.readInt(payload);
        int collation = Wire.readByte(payload);
        Wire.skip(payload, RESERVED_BYTES);
        Charset charset = charset(collation);
        String user = Wire.readNulTerminated(payload, charset);
        byte[] response =
                Capabilities.has(agreed, Capabilities.PLUGIN_AUTH_LENENC)
                        ? Wire.readBytes(payload)
                        : Wire.readFixed(payload, Wire.readByte(payload));
        String schema =
                Capabilities.has(agreed, Capabilities.CONNECT_WITH_DB) && payload.isReadable()
                        ? Wire.readNulTerminated(payload, charset)
                        : "";
        String plugin = LoginFields.readPlugin(payload);
        Map<String, String> attributes =
                Capabilities.has(agreed, Capabilities.CONNECT_ATTRS)
                        ? LoginFields.readAttributes(payload, charset)
                        : Map.of();
        return new HandshakeResponse(
                capabilities,
                packetBytesMax,
                collation,
                user,
                response,
                schema,
                plugin,
                attributes);
    }

    /** Names in UTF-8: {@code collation} must be one of utf8mb4. */
    public void write(ByteBuf out) {
        writeSslRequest(out);
        Wire.writeNulTerminated(out, user, UTF_8);
        if (Capabilities.has(capabilities, Capabilities.PLUGIN_AUTH_LENENC)) {
            Wire.writeBytes(out, response);
        } else if (response.length <= SHORT_LENGTH_MAX) {
            out.writeByte(response.length).writeBytes(response);
        } else {
            throw new IllegalStateException("the server cannot take a long response");
        }
        if (Capabilities.has(capabilities, Capabilities.CONNECT_WITH_DB)) {
            Wire.writeNulTerminated(out, schema, UTF_8);
        }
        if (Capabilities.has(capabilities, Capabilities.PLUGIN_AUTH)) {
            Wire.writeNulTerminated(out, plugin, UTF_8);
        }
        if (Capabilities.has(capabilities, Capabilities.CONNECT_ATTRS)) {
            LoginFields.writeAttributes(out, attributes);
        }
    }

    /** Writes only the part that comes before TLS. */
    public void writeSslRequest(ByteBuf out) {
        out.writeIntLE((int) capabilities).writeIntLE((int) packetBytesMax);
        out.writeByte(collation).writeZero(RESERVED_BYTES);
    }

    private static Charset charset(int collation) {
        return Collations.charsetOf(collation).map(Collations::javaCharset).orElse(UTF_8);
    }
}
