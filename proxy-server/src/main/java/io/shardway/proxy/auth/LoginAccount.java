package io.shardway.proxy.auth;

import java.util.regex.Pattern;

/**
 * What a login needs to know of an account. Immutable.
 *
 * @param hash empty for an empty password; else {@code $5$rounds=5000$salt$hash} for
 *     caching_sha2_password, {@code *} and 40 hexadecimal digits for mysql_native_password
 */
public record LoginAccount(String name, AuthPlugin plugin, String hash) {

    private static final Pattern SHA2 =
            Pattern.compile("\\$5\\$(rounds=\\d{1,7}\\$)?[./a-zA-Z0-9]{1,16}\\$[./a-zA-Z0-9]{43}");
    private static final Pattern NATIVE = Pattern.compile("\\*[0-9A-Fa-f]{40}");

    public LoginAccount {
        Pattern form =
                switch (plugin) {
                    case CACHING_SHA2_PASSWORD -> SHA2;
                    case MYSQL_NATIVE_PASSWORD -> NATIVE;
                };
        if (!hash.isEmpty() && !form.matcher(hash).matches()) {
            throw new IllegalArgumentException(
                    "the hash of account " + name + " is not one of " + plugin.wireName());
        }
    }

    /** Leaves the hash out: it must never be printed. */
    @Override
    public String toString() {
        return "LoginAccount[" + name + ", " + plugin.wireName() + "]";
    }
}
