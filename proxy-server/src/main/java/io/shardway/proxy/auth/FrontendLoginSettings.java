package io.shardway.proxy.auth;

import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.protocol.Capabilities;
import java.time.Duration;
import java.util.Optional;

/**
 * How clients are greeted. Immutable.
 *
 * @param serverVersion such as {@code 8.0.31-Shardway-0.1.0}
 * @param capabilities to offer; what login itself needs is added, SSL follows from {@code tls}
 * @param collation to propose, such as 255
 * @param tls offered when present
 * @param tlsRequired clients without TLS are refused
 * @param proxyProtocol every connection must begin with a PROXY protocol header (version 1 or 2),
 *     whose address counts as the client's. Only behind a load balancer: anybody else could lie
 * @param timeout for the whole login
 */
public record FrontendLoginSettings(
        String serverVersion,
        long capabilities,
        int collation,
        Optional<SslContext> tls,
        boolean tlsRequired,
        boolean proxyProtocol,
        Duration timeout) {

    private static final long NEEDED =
            Capabilities.PROTOCOL_41
                    | Capabilities.SECURE_CONNECTION
                    | Capabilities.PLUGIN_AUTH
                    | Capabilities.PLUGIN_AUTH_LENENC
                    | Capabilities.CONNECT_WITH_DB
                    | Capabilities.CONNECT_ATTRS;

    /** What would need code that login does not have. */
    private static final long NEVER =
            Capabilities.COMPRESS | Capabilities.ZSTD | Capabilities.MULTI_FACTOR;

    public FrontendLoginSettings {
        if (tlsRequired && tls.isEmpty()) {
            throw new IllegalArgumentException("TLS is required but has no certificate");
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("the login timeout must be positive");
        }
        long offered = (capabilities | NEEDED) & ~NEVER & ~Capabilities.SSL;
        capabilities = tls.isPresent() ? offered | Capabilities.SSL : offered;
    }
}
