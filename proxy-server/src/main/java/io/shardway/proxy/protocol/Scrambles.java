package io.shardway.proxy.protocol;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;

/**
 * The arithmetic of mysql_native_password and caching_sha2_password: how a client proves that it
 * knows the password, and how a server checks it. Thread-safe: static and without state.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html">
 *     MySQL Client/Server Protocol: Caching_sha2_password information</a>
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html">
 *     MySQL Client/Server Protocol: Native Authentication</a>
 */
public final class Scrambles {

    public static final int NONCE_BYTES = 20;
    public static final int NATIVE_BYTES = 20;
    public static final int SHA2_BYTES = 32;

    private static final String SHA1 = "SHA-1";
    private static final String SHA256 = "SHA-256";

    /** RSA_PKCS1_OAEP_PADDING of OpenSSL: SHA-1 and MGF1 with SHA-1. */
    private static final String RSA = "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";

    private static final SecureRandom RANDOM = new SecureRandom();

    private Scrambles() {}

    /** Bytes of seven bits, neither NUL nor '$', as the server makes them. */
    public static byte[] newNonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        for (int i = 0; i < nonce.length; i++) {
            do {
                nonce[i] = (byte) RANDOM.nextInt(1, 128);
            } while (nonce[i] == '$');
        }
        return nonce;
    }

    /** What a native client answers; empty for an empty password. */
    public static byte[] nativeScramble(byte[] password, byte[] nonce) {
        if (password.length == 0) {
            return new byte[0];
        }
        byte[] once = digest(SHA1, password);
        return xor(once, digest(SHA1, nonce, digest(SHA1, once)));
    }

    /** SHA1(SHA1(password)): what a server stores for mysql_native_password. */
    public static byte[] nativeDoubleHash(byte[] password) {
        return digest(SHA1, digest(SHA1, password));
    }

    public static boolean nativeMatches(byte[] scramble, byte[] nonce, byte[] doubleHash) {
        if (scramble.length != NATIVE_BYTES) {
            return false;
        }
        byte[] once = xor(scramble, digest(SHA1, nonce, doubleHash));
        return MessageDigest.isEqual(digest(SHA1, once), doubleHash);
    }

    /** What a caching_sha2 client answers first; empty for an empty password. */
    public static byte[] sha2Scramble(byte[] password, byte[] nonce) {
        if (password.length == 0) {
            return new byte[0];
        }
        byte[] once = digest(SHA256, password);
        return xor(once, digest(SHA256, digest(SHA256, once), nonce));
    }

    /** SHA256(SHA256(password)): what a server caches for the fast path. */
    public static byte[] sha2DoubleHash(byte[] password) {
        return digest(SHA256, digest(SHA256, password));
    }

    public static boolean sha2Matches(byte[] scramble, byte[] nonce, byte[] doubleHash) {
        if (scramble.length != SHA2_BYTES) {
            return false;
        }
        byte[] once = xor(scramble, digest(SHA256, doubleHash, nonce));
        return MessageDigest.isEqual(digest(SHA256, once), doubleHash);
    }

    /** The password and a NUL, mixed with the nonce, encrypted for the server. */
    public static byte[] encrypt(byte[] password, byte[] nonce, PublicKey key)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(RSA);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(mix(Arrays.copyOf(password, password.length + 1), nonce));
    }

    /** The other way round; the result still ends with its NUL. */
    public static byte[] decrypt(byte[] encrypted, byte[] nonce, PrivateKey key)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(RSA);
        cipher.init(Cipher.DECRYPT_MODE, key);
        return mix(cipher.doFinal(encrypted), nonce);
    }

    private static byte[] mix(byte[] text, byte[] nonce) {
        byte[] mixed = new byte[text.length];
        for (int i = 0; i < text.length; i++) {
            mixed[i] = (byte) (text[i] ^ nonce[i % nonce.length]);
        }
        return mixed;
    }

    private static byte[] xor(byte[] one, byte[] other) {
        byte[] result = new byte[one.length];
        for (int i = 0; i < one.length; i++) {
            result[i] = (byte) (one[i] ^ other[i]);
        }
        return result;
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // Every JDK has both.
        }
    }
}
