package io.shardway.proxy.auth;

import io.shardway.proxy.protocol.RsaKeys;
import io.shardway.router.ErrorCode;
import java.net.InetAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What all logins of one proxy share: accounts, password cache, keys, limits and the memory of
 * failures. Thread-safe.
 */
public final class Authenticator {

    private final AuthenticatorSettings settings;
    private final AccountSource accounts;
    private final Supplier<KeyPair> rsaKeys;
    private final PasswordChecks checks;
    private final LoginFailures failures;
    private final PasswordCache cache = new PasswordCache();
    private final Decoys decoys;
    private volatile LoginListener listener = LoginListener.NOBODY;

    /**
     * @param rsaKeys called on event loops: must not generate a key there
     * @param executor runs slow password checks; must not be an event loop
     */
    public Authenticator(
            AuthenticatorSettings settings,
            AccountSource accounts,
            Supplier<KeyPair> rsaKeys,
            Executor executor) {
        this.settings = settings;
        this.accounts = accounts;
        this.rsaKeys = rsaKeys;
        this.checks =
                new PasswordChecks(
                        executor, settings.checksRunningMax(), settings.checksWaitingMax());
        this.failures = new LoginFailures(settings);
        this.decoys = new Decoys(settings);
    }

    /** With an RSA key pair made here; takes up to a second. */
    public Authenticator(
            AuthenticatorSettings settings, AccountSource accounts, Executor executor) {
        this(settings, accounts, fixed(RsaKeys.generate()), executor);
    }

    private static Supplier<KeyPair> fixed(KeyPair keys) {
        return () -> keys;
    }

    /**
     * A new login or change of user.
     *
     * @param tls whether a clear password may come over this connection
     */
    public LoginExchange exchange(InetAddress client, boolean tls) {
        return new LoginExchange(this, client, tls);
    }

    /** The result comes on another thread; a failure carries a {@code ShardwayException}. */
    public CompletionStage<Boolean> check(LoginStep.Check check) {
        return checks.submit(check.work());
    }

    /** Who hears of every login from now on. */
    public void tell(LoginListener to) {
        listener = to;
    }

    public LoginListener listener() {
        return listener;
    }

    /** Counts a refused login and says how long to wait before the error is sent. */
    public Duration failed(InetAddress client, String user) {
        listener.refused(user, client, ErrorCode.ACCESS_DENIED);
        return failures.failed(client, user);
    }

    /** Forgets the user's failures from this address. */
    public void succeeded(InetAddress client, String user) {
        failures.succeeded(client, user);
    }

    public AuthPlugin defaultPlugin() {
        return settings.defaultPlugin();
    }

    AccountSource accounts() {
        return accounts;
    }

    KeyPair rsaKeys() {
        return rsaKeys.get();
    }

    PasswordCache cache() {
        return cache;
    }

    Decoys decoys() {
        return decoys;
    }
}
