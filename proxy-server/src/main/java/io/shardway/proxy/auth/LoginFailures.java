package io.shardway.proxy.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Counts failed logins in a row by client address, to answer them ever later. Thread-safe. Only the
 * answers to failures wait, so that a guesser cannot keep others out.
 */
final class LoginFailures {

    private static final int ADDRESSES_MAX = 10_000;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final AuthenticatorSettings settings;
    private final Cache<InetAddress, Integer> failures =
            Caffeine.newBuilder()
                    .maximumSize(ADDRESSES_MAX)
                    .expireAfterWrite(FORGOTTEN_AFTER)
                    .build();

    LoginFailures(AuthenticatorSettings settings) {
        this.settings = settings;
    }

    /** Counts a failure. */
    Duration failed(InetAddress client) {
        int count = failures.asMap().merge(client, 1, (old, one) -> Math.min(old + one, 1_000));
        Duration delay =
                settings.failureDelay().multipliedBy(Math.max(0, count - settings.failuresFree()));
        return delay.compareTo(settings.failureDelayMax()) > 0 ? settings.failureDelayMax() : delay;
    }

    void succeeded(InetAddress client) {
        failures.invalidate(client);
    }
}
