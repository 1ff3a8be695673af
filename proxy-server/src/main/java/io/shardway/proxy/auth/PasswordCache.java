package io.shardway.proxy.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shardway.proxy.protocol.Scrambles;
import java.security.MessageDigest;

/**
 * Remembers SHA256(SHA256(password)) of passwords that were right, by the stored hash they were
 * right for, which allows the fast path of caching_sha2_password. Thread-safe. A changed password
 * has another hash, so nothing need be dropped.
 */
final class PasswordCache {

    private static final int HASHES_MAX = 10_000;

    private final Cache<String, byte[]> doubleHashes =
            Caffeine.newBuilder().maximumSize(HASHES_MAX).build();

    boolean matchesScramble(LoginAccount account, byte[] scramble, byte[] nonce) {
        for (String hash : account.hashes()) {
            byte[] doubleHash = doubleHashes.getIfPresent(hash);
            if (doubleHash != null && Scrambles.sha2Matches(scramble, nonce, doubleHash)) {
                return true;
            }
        }
        return false;
    }

    boolean matchesPassword(LoginAccount account, byte[] password) {
        byte[] sent = Scrambles.sha2DoubleHash(password);
        for (String hash : account.hashes()) {
            byte[] doubleHash = doubleHashes.getIfPresent(hash);
            if (doubleHash != null && MessageDigest.isEqual(sent, doubleHash)) {
                return true;
            }
        }
        return false;
    }

    void put(String hash, byte[] password) {
        doubleHashes.put(hash, Scrambles.sha2DoubleHash(password));
    }
}
