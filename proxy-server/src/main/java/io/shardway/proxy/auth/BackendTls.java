package io.shardway.proxy.auth;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/** TLS towards nodes. Thread-safe: static and without state. */
public final class BackendTls {

    private BackendTls() {}

    /** Hides what is said, but trusts any node: MySQL's PREFERRED and REQUIRED. */
    public static SslContext trustAll() throws SSLException {
        return builder().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    }

    /** Trusts only certificates of this authority: MySQL's VERIFY_CA. */
    public static SslContext trusting(Path authorityPem) throws SSLException {
        return builder().trustManager(authorityPem.toFile()).build();
    }

    /** Names are not compared: MySQL's own certificates have none. */
    private static SslContextBuilder builder() {
        return SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
    }
}
