package io.shardway.proxy.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Counts failed logins by client address and by user, to answer them ever later. Thread-safe. Only
 * the answers to failures wait, so that a guesser cannot keep others out.
 *
 * <p>A success makes an address forget the failures of the same user only: whoever has an account
 * of his own must not clear his guesses at others with it. What was guessed at a user is forgotten
 * by time alone, because a busy application logs in all the time.
 */
final class LoginFailures {

    private static final int REMEMBERED_MAX = 10_000;
    private static final int COUNT_MAX = 1_000;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final AuthenticatorSettings settings;
    private final Cache<InetAddress, Failures> byAddress = newCache();
    private final Cache<String, Integer> byUser = newCache();

    /**
     * Of one address.
     *
     * @param user whose password was wrong each time; empty for several users
     */
    private record Failures(int count, Optional<String> user) {
        Failures and(Failures other) {
            return new Failures(
                    Math.min(count + other.count, COUNT_MAX),
                    user.equals(other.user) ? user : Optional.empty());
        }
    }

    LoginFailures(AuthenticatorSettings settings) {
        this.settings = settings;
    }

    private static <K, V> Cache<K, V> newCache() {
        return Caffeine.newBuilder()
                .maximumSize(REMEMBERED_MAX)
                .expireAfterWrite(FORGOTTEN_AFTER)
                .build();
    }

    /** Counts a failure and says how long its answer waits. */
    Duration failed(InetAddress client, String user) {
        int ofAddress =
                byAddress
                        .asMap()
                        .merge(client, new Failures(1, Optional.of(user)), Failures::and)
                        .count();
        int ofUser = byUser.asMap().merge(user, 1, (old, one) -> Math.min(old + one, COUNT_MAX));
        int late = Math.max(ofAddress, ofUser) - settings.failuresFree();
        Duration delay = settings.failureDelay().multipliedBy(Math.max(0, late));
        return delay.compareTo(settings.failureDelayMax()) > 0 ? settings.failureDelayMax() : delay;
    }

    void succeeded(InetAddress client, String user) {
        byAddress
                .asMap()
                .computeIfPresent(
                        client,
                        (_, failures) ->
                                failures.user().equals(Optional.of(user)) ? null : failures);
    }
}
