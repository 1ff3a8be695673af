package io.shardway.proxy.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A password. Immutable; never prints itself. */
public final class Secret {

    /** No password. */
    public static final Secret EMPTY = new Secret("");

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    public static Secret of(String value) {
        return value.isEmpty() ? EMPTY : new Secret(value);
    }

    /** The password itself: only for the code that logs in with it. */
    public String reveal() {
        return value;
    }

    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(bytes(value), bytes(secret.value));
    }

    /** The same for all: a hash would tell something of the password. */
    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return isEmpty() ? "(none)" : "***";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
