package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * The key pair by which caching_sha2_password hides a password where there is no TLS. Thread-safe:
 * static and without state.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/refman/8.0/en/caching-sha2-pluggable-authentication.html">
 *     MySQL 8.0 Reference Manual: Caching SHA-2 Pluggable Authentication</a>
 */
public final class RsaKeys {

    private static final int KEY_BITS = 2048;
    private static final int PEM_COLUMNS = 64;
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";

    private RsaKeys() {}

    /** Takes up to a second: not on an event loop. */
    public static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // Every JDK has RSA.
        }
    }

    /** The form in which the server sends its key. */
    public static byte[] pem(PublicKey key) {
        Base64.Encoder encoder = Base64.getMimeEncoder(PEM_COLUMNS, new byte[] {'\n'});
        String body = encoder.encodeToString(key.getEncoded());
        return (BEGIN + "\n" + body + "\n" + END + "\n").getBytes(US_ASCII);
    }

    public static PublicKey publicKey(byte[] pem) {
        String text = new String(pem, US_ASCII);
        int from = text.indexOf(BEGIN);
        int to = text.indexOf(END);
        if (from < 0 || to < from + BEGIN.length()) {
            throw new MalformedPacketException("not a public key");
        }
        try {
            byte[] encoded =
                    Base64.getMimeDecoder().decode(text.substring(from + BEGIN.length(), to));
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException failure) {
            throw new MalformedPacketException("not an RSA public key");
        }
    }
}
