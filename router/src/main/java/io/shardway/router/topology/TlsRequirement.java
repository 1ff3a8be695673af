package io.shardway.router.topology;

import java.util.Optional;

/**
 * What an account's connections must be like. Immutable.
 *
 * @param subject the client certificate's, as MySQL writes it ({@code /C=SE/O=Shop/CN=app}); needs
 *     {@code CERTIFICATE}
 * @param issuer likewise
 */
public record TlsRequirement(Kind kind, Optional<String> subject, Optional<String> issuer) {

    /** From nothing to a certificate. */
    public enum Kind {
        /** Any connection. */
        NONE,
        /** TLS. */
        TLS,
        /** TLS, and a certificate that the proxy's authority has signed. */
        CERTIFICATE
    }

    public static final TlsRequirement NONE = of(Kind.NONE);

    public TlsRequirement {
        if (kind != Kind.CERTIFICATE && (subject.isPresent() || issuer.isPresent())) {
            throw new IllegalArgumentException("only a certificate has a subject and an issuer");
        }
    }

    public static TlsRequirement of(Kind kind) {
        return new TlsRequirement(kind, Optional.empty(), Optional.empty());
    }
}
