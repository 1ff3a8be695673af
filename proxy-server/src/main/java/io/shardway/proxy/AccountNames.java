package io.shardway.proxy;

import io.shardway.router.sql.QuotedName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The names of Shardway's MySQL accounts. Stateless.
 *
 * <p>{@code shardway_p3} serves for proxy 3, {@code shardway_p3_blog} in the plain keyspace blog,
 * and {@code shardway_k_blog} is the definer of what blog stores. Whoever fences a proxy locks its
 * account and all those that begin with its name and an underscore.
 */
final class AccountNames {

    /** MySQL's limit. */
    private static final int LENGTH_MAX = 32;

    private static final int HASH_DIGITS = 10;

    private AccountNames() {}

    static String serving(int proxyNumber) {
        return "shardway_p" + proxyNumber;
    }

    static String plain(int proxyNumber, String keyspace) {
        return named(serving(proxyNumber) + "_", keyspace);
    }

    static String definer(String keyspace) {
        return named("shardway_k_", keyspace);
    }

    /** A name that is too long, or not of simple letters, is shortened and told apart by a hash. */
    private static String named(String prefix, String keyspace) {
        boolean simple = keyspace.matches("[A-Za-z0-9_$-]+");
        int room = LENGTH_MAX - prefix.length();
        if (simple && keyspace.length() <= room) {
            return prefix + keyspace;
        }
        String kept = keyspace.replaceAll("[^A-Za-z0-9_]", "");
        int length = Math.min(kept.length(), room - HASH_DIGITS - 1);
        return prefix + kept.substring(0, length) + "~" + hash(keyspace);
    }

    private static String hash(String keyspace) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(keyspace.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** As a user name in a statement, with the host. */
    static String quoted(String account) {
        return "'" + account + "'@'%'";
    }

    /** As the pattern of a schema in a GRANT. */
    static String schemaPattern(String keyspace) {
        String escaped = keyspace.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
        return QuotedName.of(escaped) + ".*";
    }
}
