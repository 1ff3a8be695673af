package io.shardway.proxy.auth;

import java.time.Duration;

/**
 * How clients prove who they are. Immutable; {@code decoySecret} is not copied.
 *
 * @param defaultPlugin what the greeting proposes
 * @param checksRunningMax slow password checks that may run at once
 * @param checksWaitingMax slow password checks that may wait; past it logins fail
 * @param failuresFree failed logins of one address that are answered at once
 * @param failureDelay by which each further failure's answer comes later than the one before
 * @param failureDelayMax the longest such delay
 * @param decoySecret decides whether an unknown user looks like an account of one plugin or the
 *     other. Must be the same on all proxies and after a restart, or an unknown user could be told
 *     by its changing plugin. Empty: unknown users look like accounts of the default plugin, which
 *     is right where no account has another
 */
public record AuthenticatorSettings(
        AuthPlugin defaultPlugin,
        int checksRunningMax,
        int checksWaitingMax,
        int failuresFree,
        Duration failureDelay,
        Duration failureDelayMax,
        byte[] decoySecret) {

    public static final AuthenticatorSettings DEFAULTS =
            new AuthenticatorSettings(
                    AuthPlugin.CACHING_SHA2_PASSWORD,
                    4,
                    10_000,
                    3,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    new byte[0]);

    public AuthenticatorSettings {
        if (checksRunningMax < 1 || checksWaitingMax < 0 || failuresFree < 0) {
            throw new IllegalArgumentException("limits of login checks must not be negative");
        }
        if (failureDelay.isNegative() || failureDelayMax.compareTo(failureDelay) < 0) {
            throw new IllegalArgumentException(
                    "the longest failure delay must not be shorter than the first");
        }
    }

    /** Leaves the secret out: it must never be printed. */
    @Override
    public String toString() {
        return "AuthenticatorSettings[" + defaultPlugin.wireName() + "]";
    }
}
