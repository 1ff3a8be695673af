package io.shardway.router.topology;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-crypt with SHA-256, as MySQL runs it: the salt has 20 bytes of any value, where the original
 * and every library take 16 of an alphabet. Stateless, thread-safe.
 *
 * @see <a href="https://www.akkadia.org/drepper/SHA-crypt.txt">Ulrich Drepper: Unix crypt using
 *     SHA-256 and SHA-512</a>
 */
final class ShaCrypt {

    private static final int HASH_BYTES = 32;
    private static final String ALPHABET =
            "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** Which bytes stand together in four letters; the last group is one byte short. */
    private static final int[][] GROUPS = {
        {0, 10, 20},
        {21, 1, 11},
        {12, 22, 2},
        {3, 13, 23},
        {24, 4, 14},
        {15, 25, 5},
        {6, 16, 26},
        {27, 7, 17},
        {18, 28, 8},
        {9, 19, 29}
    };

    private ShaCrypt() {}

    /** 43 letters. */
    static String hash(byte[] password, byte[] salt, int rounds) {
        MessageDigest sha = sha256();
        byte[] running = first(sha, password, salt);
        byte[] p = spread(ofRepeated(sha, password, password.length), password.length);
        byte[] s = spread(ofRepeated(sha, salt, 16 + (running[0] & 0xFF)), salt.length);
        try {
            for (int round = 0; round < rounds; round++) {
                boolean odd = (round & 1) != 0;
                sha.update(odd ? p : running);
                if (round % 3 != 0) {
                    sha.update(s);
                }
                if (round % 7 != 0) {
                    sha.update(p);
                }
                sha.update(odd ? running : p);
                sha.digest(running, 0, HASH_BYTES);
            }
        } catch (DigestException impossible) {
            throw new IllegalStateException(impossible);
        }
        return encoded(running);
    }

    private static byte[] first(MessageDigest sha, byte[] password, byte[] salt) {
        sha.update(password);
        sha.update(salt);
        byte[] between = sha.digest(password);
        sha.update(password);
        sha.update(salt);
        sha.update(spread(between, password.length));
        for (int bits = password.length; bits > 0; bits >>= 1) {
            sha.update((bits & 1) != 0 ? between : password);
        }
        return sha.digest();
    }

    private static byte[] ofRepeated(MessageDigest sha, byte[] bytes, int times) {
        for (int time = 0; time < times; time++) {
            sha.update(bytes);
        }
        return sha.digest();
    }

    private static byte[] spread(byte[] hash, int length) {
        byte[] result = new byte[length];
        for (int index = 0; index < length; index++) {
            result[index] = hash[index % HASH_BYTES];
        }
        return result;
    }

    private static String encoded(byte[] hash) {
        var text = new StringBuilder(43);
        for (int[] group : GROUPS) {
            append(text, hash[group[0]], hash[group[1]], hash[group[2]], 4);
        }
        append(text, (byte) 0, hash[31], hash[30], 3);
        return text.toString();
    }

    private static void append(StringBuilder text, byte high, byte middle, byte low, int letters) {
        int bits = (high & 0xFF) << 16 | (middle & 0xFF) << 8 | low & 0xFF;
        for (int letter = 0; letter < letters; letter++) {
            text.append(ALPHABET.charAt(bits & 0x3F));
            bits >>= 6;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
