package io.shardway.proxy.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shardway.proxy.protocol.Scrambles;
import java.security.MessageDigest;

/**
 * Remembers SHA256(SHA256(password)) of accounts that have logged in, which allows the fast path of
 * caching_sha2_password. Thread-safe. An entry holds only as long as the account's stored hash is
 * the one it was made for.
 */
final class PasswordCache {

    private static final int ACCOUNTS_MAX = 10_000;

    private final Cache<String, Entry> entries =
            Caffeine.newBuilder().maximumSize(ACCOUNTS_MAX).build();

    private record Entry(String hash, byte[] doubleHash) {}

    boolean matchesScramble(LoginAccount account, byte[] scramble, byte[] nonce) {
        Entry entry = entries.getIfPresent(account.name());
        return entry != null
                && entry.hash().equals(account.hash())
                && Scrambles.sha2Matches(scramble, nonce, entry.doubleHash());
    }

    boolean matchesPassword(LoginAccount account, byte[] password) {
        Entry entry = entries.getIfPresent(account.name());
        return entry != null
                && entry.hash().equals(account.hash())
                && MessageDigest.isEqual(Scrambles.sha2DoubleHash(password), entry.doubleHash());
    }

    void put(LoginAccount account, byte[] password) {
        entries.put(account.name(), new Entry(account.hash(), Scrambles.sha2DoubleHash(password)));
    }
}
