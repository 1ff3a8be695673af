package io.shardway.proxy.frontend;

import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * The name in a certificate as MySQL writes it, which is OpenSSL's old form: {@code
 * /C=SE/O=Shop/CN=app}. Stateless.
 */
final class CertificateName {

    /** Those that Java does not name by itself. */
    private static final Map<String, String> KEYWORDS =
            Map.of(
                    "1.2.840.113549.1.9.1",
                    "emailAddress",
                    "2.5.4.4",
                    "SN",
                    "2.5.4.5",
                    "serialNumber",
                    "2.5.4.12",
                    "title",
                    "2.5.4.42",
                    "GN");

    private CertificateName() {}

    /** Empty if it has a part whose form is not certain: that name equals no other. */
    static Optional<String> of(X500Principal principal) {
        var text = new StringBuilder();
        try {
            for (Rdn rdn : new LdapName(principal.getName("RFC2253", KEYWORDS)).getRdns()) {
                boolean certain =
                        rdn.size() == 1
                                && rdn.getValue() instanceof String value
                                && value.chars().allMatch(c -> c >= ' ' && c <= '~');
                if (!certain) {
                    return Optional.empty();
                }
                text.append('/').append(rdn.getType()).append('=').append(rdn.getValue());
            }
        } catch (InvalidNameException unreadable) {
            return Optional.empty();
        }
        return Optional.of(text.toString());
    }
}
