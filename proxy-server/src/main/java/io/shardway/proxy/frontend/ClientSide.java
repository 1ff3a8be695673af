package io.shardway.proxy.frontend;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * How a client is connected. Immutable.
 *
 * @param certificate the client's own, signed by the authority that the proxy trusts
 */
record ClientSide(InetAddress ip, boolean tls, Optional<X509Certificate> certificate) {

    /** After the TLS handshake, if there is one. */
    static ClientSide of(Channel channel, InetAddress ip) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        return handler == null
                ? new ClientSide(ip, false, Optional.empty())
                : new ClientSide(ip, true, certificateOf(handler));
    }

    private static Optional<X509Certificate> certificateOf(SslHandler handler) {
        try {
            return handler.engine().getSession().getPeerCertificates()[0]
                            instanceof X509Certificate shown
                    ? Optional.of(shown)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }

    /** As USER() tells it. */
    String host() {
        return ip.isLoopbackAddress() ? "localhost" : ip.getHostAddress();
    }
}
