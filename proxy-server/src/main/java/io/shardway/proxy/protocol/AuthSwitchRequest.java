package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The server asks to log in by another plugin, with another nonce. Immutable; {@code nonce} is not
 * copied.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_auth_switch_request.html">
 *     MySQL Client/Server Protocol: Protocol::AuthSwitchRequest</a>
 */
public record AuthSwitchRequest(String plugin, byte[] nonce) {

    public static final int HEADER = 0xFE;

    public static AuthSwitchRequest read(ByteBuf payload) {
        if (Wire.readByte(payload) != HEADER) {
            throw new MalformedPacketException("not an auth switch request");
        }
        String plugin = Wire.readNulTerminated(payload, UTF_8);
        byte[] data = Wire.readRest(payload);
        boolean ended = data.length > 0 && data[data.length - 1] == 0;
        return new AuthSwitchRequest(plugin, ended ? Arrays.copyOf(data, data.length - 1) : data);
    }

    public void write(ByteBuf out) {
        out.writeByte(HEADER);
        Wire.writeNulTerminated(out, plugin, UTF_8);
        out.writeBytes(nonce).writeByte(0);
    }
}
