package io.shardway.proxy.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;

/**
 * A login that went well; its OK packet is not sent yet. Immutable.
 *
 * @param capabilities agreed: offered by the proxy and known to the client
 * @param collation as the client named it; it may be unknown
 * @param schema empty when none is named
 * @param attributes connection attributes, such as {@code program_name}
 * @param maxPacketSize the longest payload that the client says it takes
 * @param nextSequence sequence number of the OK or ERR packet that ends the login
 * @param client with the PROXY protocol, the address it tells
 */
public record LoginResult(
        String user,
        LoginAccount account,
        long capabilities,
        int collation,
        String schema,
        Map<String, String> attributes,
        long maxPacketSize,
        int nextSequence,
        boolean tls,
        SocketAddress client) {

    public LoginResult {
        attributes = Map.copyOf(attributes);
    }

    /** The client's IP address; loopback for connections without one. */
    public InetAddress clientIp() {
        return ipOf(client);
    }

    static InetAddress ipOf(SocketAddress address) {
        return address instanceof InetSocketAddress ip && !ip.isUnresolved()
                ? ip.getAddress()
                : InetAddress.getLoopbackAddress();
    }
}
