package io.shardway.router.topology;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Sha2Crypt;

/**
 * Makes and checks the stored form of passwords. Stateless, thread-safe. SHA-crypt takes some
 * milliseconds of CPU on purpose: never on an event loop.
 */
public final class PasswordHash {

    private static final int ROUNDS = 5000;
    private static final int SALT_CHARACTERS = 16;
    private static final String SALT_ALPHABET =
            "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final Pattern SHA256 =
            Pattern.compile("(\\$5\\$rounds=[0-9]{4,6}\\$[./0-9A-Za-z]{1,16}\\$)[./0-9A-Za-z]{43}");
    private static final Pattern NATIVE = Pattern.compile("\\*[0-9A-F]{40}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private PasswordHash() {}

    public static String of(AuthPlugin plugin, byte[] password) {
        return switch (plugin) {
            case CACHING_SHA2 -> sha256(password);
            case NATIVE -> nativeHash(password);
        };
    }

    /**
     * SHA-crypt as of {@code crypt(3)} with 5000 rounds and a new salt: {@code
     * $5$rounds=5000$salt$hash}. Leaves {@code password} as it is.
     */
    public static String sha256(byte[] password) {
        var salt = new StringBuilder("$5$rounds=" + ROUNDS + "$");
        for (int i = 0; i < SALT_CHARACTERS; i++) {
            salt.append(SALT_ALPHABET.charAt(RANDOM.nextInt(SALT_ALPHABET.length())));
        }
        return sha256(password, salt.toString());
    }

    /** {@code *} and the hexadecimal SHA1(SHA1(password)), as MySQL stores it. */
    public static String nativeHash(byte[] password) {
        byte[] hash = sha1(sha1(password));
        return "*" + HexFormat.of().withUpperCase().formatHex(hash);
    }

    /** The 20 bytes SHA1(SHA1(password)) which the login with the native plugin needs. */
    public static byte[] nativeBytes(String hash) {
        if (!NATIVE.matcher(hash).matches()) {
            throw new IllegalArgumentException("this is not a native password hash");
        }
        return HexFormat.of().parseHex(hash, 1, hash.length());
    }

    /** Whether the password is the one that was hashed; false for malformed hashes. */
    public static boolean matches(String hash, byte[] password) {
        if (NATIVE.matcher(hash).matches()) {
            return equal(hash, nativeHash(password));
        }
        var sha256 = SHA256.matcher(hash);
        return sha256.matches() && equal(hash, sha256(password, sha256.group(1)));
    }

    static boolean isWellFormed(AuthPlugin plugin, String hash) {
        return switch (plugin) {
            case CACHING_SHA2 -> SHA256.matcher(hash).matches();
            case NATIVE -> NATIVE.matcher(hash).matches();
        };
    }

    private static String sha256(byte[] password, String salt) {
        // Sha2Crypt overwrites the array it is given.
        return Sha2Crypt.sha256Crypt(password.clone(), salt);
    }

    /** Takes the same time wherever they differ. */
    private static boolean equal(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
