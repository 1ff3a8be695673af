package io.shardway.proxy.auth;

import io.netty.handler.ssl.SslContext;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.Collations;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How backends log in at nodes. Immutable.
 *
 * @param capabilities to ask for; what login itself needs is added
 * @param collation of utf8mb4, at most 255
 * @param tls must be present unless the mode is {@link TlsMode#DISABLED}; see {@link BackendTls}
 * @param attributes connection attributes, such as {@code program_name}
 * @param timeout for the whole login
 */
public record BackendLoginSettings(
        long capabilities,
        int collation,
        TlsMode tlsMode,
        Optional<SslContext> tls,
        Map<String, String> attributes,
        Duration timeout) {

    /** The server has no room for more in its greeting's answer. */
    private static final int COLLATION_MAX = 255;

    private static final long NEEDED =
            Capabilities.PROTOCOL_41
                    | Capabilities.SECURE_CONNECTION
                    | Capabilities.PLUGIN_AUTH
                    | Capabilities.PLUGIN_AUTH_LENENC
                    | Capabilities.CONNECT_ATTRS;

    /** Decided by the login itself, or without code. */
    private static final long NEVER =
            Capabilities.COMPRESS
                    | Capabilities.ZSTD
                    | Capabilities.MULTI_FACTOR
                    | Capabilities.CONNECT_WITH_DB
                    | Capabilities.SSL;

    public BackendLoginSettings {
        boolean utf8 = Collations.charsetOf(collation).equals(Optional.of("utf8mb4"));
        if (!utf8 || collation > COLLATION_MAX) {
            throw new IllegalArgumentException(
                    "the collation must be one of utf8mb4, at most 255: " + collation);
        }
        if (tlsMode != TlsMode.DISABLED && tls.isEmpty()) {
            throw new IllegalArgumentException("TLS mode " + tlsMode + " needs a TLS context");
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("the login timeout must be positive");
        }
        capabilities = (capabilities | NEEDED) & ~NEVER;
        attributes = Map.copyOf(attributes);
    }
}
