package io.shardway.router.topology;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Makes and checks the stored form of passwords, which is MySQL's own: the text of {@code
 * mysql.user.authentication_string}, byte by byte. Stateless, thread-safe. caching_sha2 takes some
 * milliseconds of CPU on purpose: never on an event loop.
 */
public final class PasswordHash {

    /** {@code $A$}, the rounds in thousands as three hexadecimal digits, {@code $}. */
    private static final String HEAD = "$A$005$";

    private static final int ROUNDS = 5000;
    private static final int ROUNDS_UNIT = 1000;
    private static final int SALT_BYTES = 20;
    private static final String SALT_ALPHABET =
            "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** MySQL's own salts have any byte but NUL, the dollar sign and those above 127. */
    private static final Pattern SHA2 =
            Pattern.compile(
                    "\\$A\\$([0-9A-F]{3})\\$([\\x01-\\x7F&&[^$]]{20})([./0-9A-Za-z]{43})",
                    Pattern.DOTALL);

    private static final int ROUNDS_MIN = 5;
    private static final Pattern NATIVE = Pattern.compile("\\*[0-9A-F]{40}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private PasswordHash() {}

    /** Leaves {@code password} as it is. */
    public static String of(AuthPlugin plugin, byte[] password) {
        return switch (plugin) {
            case CACHING_SHA2 -> sha2(password);
            case NATIVE -> nativeHash(password);
        };
    }

    /** With a new salt and 5000 rounds: {@code $A$005$}, 20 bytes of salt, 43 letters of hash. */
    public static String sha2(byte[] password) {
        var salt = new StringBuilder();
        for (int i = 0; i < SALT_BYTES; i++) {
            salt.append(SALT_ALPHABET.charAt(RANDOM.nextInt(SALT_ALPHABET.length())));
        }
        return HEAD + salt + ShaCrypt.hash(password, bytes(salt.toString()), ROUNDS);
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
        var parts = SHA2.matcher(hash);
        if (!parts.matches()) {
            return false;
        }
        int rounds = Integer.parseInt(parts.group(1), 16) * ROUNDS_UNIT;
        return equal(parts.group(3), ShaCrypt.hash(password, bytes(parts.group(2)), rounds));
    }

    /** Whether a text can be a hash of this plugin. */
    public static boolean isWellFormed(AuthPlugin plugin, String hash) {
        return switch (plugin) {
            case CACHING_SHA2 -> {
                var parts = SHA2.matcher(hash);
                yield parts.matches() && Integer.parseInt(parts.group(1), 16) >= ROUNDS_MIN;
            }
            case NATIVE -> NATIVE.matcher(hash).matches();
        };
    }

    /** Takes the same time wherever they differ. */
    private static boolean equal(String one, String other) {
        return MessageDigest.isEqual(bytes(one), bytes(other));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
