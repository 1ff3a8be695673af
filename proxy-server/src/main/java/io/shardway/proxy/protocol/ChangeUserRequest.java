package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * The command COM_CHANGE_USER. Immutable. Like the server, Shardway ignores the scramble in it and
 * asks for a new one by an auth switch, so that an old one cannot be sent again.
 *
 * @param collation 0 when the client names none
 * @param schema empty when none is named
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_change_user.html">
 *     MySQL Client/Server Protocol: COM_CHANGE_USER</a>
 */
public record ChangeUserRequest(
        String user, String schema, int collation, Map<String, String> attributes) {

    public ChangeUserRequest {
        attributes = Map.copyOf(attributes);
    }

    /**
     * Reads a command's payload from its command byte on.
     *
     * @param charset of the session (character_set_client)
     */
    public static ChangeUserRequest read(ByteBuf payload, long capabilities, Charset charset) {
        if (Wire.readByte(payload) != Commands.CHANGE_USER) {
            throw new MalformedPacketException("not COM_CHANGE_USER");
        }
        String user = Wire.readNulTerminated(payload, charset);
        Wire.skip(payload, Wire.readByte(payload));
        String schema = Wire.readNulTerminated(payload, charset);
        int collation = payload.readableBytes() >= 2 ? Wire.readShort(payload) : 0;
        if (payload.isReadable() && Capabilities.has(capabilities, Capabilities.PLUGIN_AUTH)) {
            LoginFields.readPlugin(payload);
        }
        Map<String, String> attributes =
                Capabilities.has(capabilities, Capabilities.CONNECT_ATTRS)
                        ? LoginFields.readAttributes(payload, UTF_8)
                        : Map.of();
        return new ChangeUserRequest(user, schema, collation, attributes);
    }
}
