package io.shardway.proxy.auth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.AuthSwitchRequest;
import io.shardway.proxy.protocol.RsaKeys;
import io.shardway.proxy.protocol.Scrambles;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.ErrorCode;
import io.shardway.router.topology.PasswordHash;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The server's side of one proof of identity, for a login and for COM_CHANGE_USER: takes payloads,
 * says what to do next, and touches no channel. Confined to its connection's event loop.
 *
 * <pre>
 *   NEW ── other plugin, or change of user ──> SWITCHED (a new scramble is due)
 *   NEW, SWITCHED ── native, fast path ──> DONE; empty password ──> CHECKING or DONE
 *   NEW, SWITCHED ── caching_sha2, not cached ──> FULL ── no TLS, key asked for ──> KEY_SENT
 *   FULL (clear password in TLS, or encrypted), KEY_SENT (encrypted) ──> CHECKING ──> DONE
 * </pre>
 *
 * <p>A user that does not exist goes the same way with a decoy account, and so does an account
 * without a password to whom somebody sends one; only the end is always a refusal.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html">
 *     MySQL Client/Server Protocol: Connection Phase</a>
 */
public final class LoginExchange {

    private static final int MORE_DATA = 0x01;
    private static final byte[] FAST_PATH_DONE = {MORE_DATA, 0x03};
    private static final byte[] FULL_PATH_WANTED = {MORE_DATA, 0x04};
    private static final byte KEY_REQUEST = 0x02;

    /** The server's own limit; the time of a check grows with the password. */
    private static final int PASSWORD_BYTES_MAX = 256;

    private enum State {
        NEW,
        SWITCHED,
        FULL,
        KEY_SENT,
        CHECKING,
        DONE
    }

    private final Authenticator authenticator;
    private final InetAddress client;
    private final boolean tls;
    private State state = State.NEW;
    private byte[] nonce = Scrambles.newNonce();
    private String user = "";
    private LoginAccount account;

    /** Whether a right password opens the account: not for decoys. */
    private boolean real;

    private boolean passwordSent = true;

    LoginExchange(Authenticator authenticator, InetAddress client, boolean tls) {
        this.authenticator = authenticator;
        this.client = client;
        this.tls = tls;
        this.account = authenticator.decoys().account("");
    }

    /**
     * A login.
     *
     * @param greetingNonce that the client was greeted with
     * @param plugin by which the client made {@code response}
     */
    public LoginStep login(String user, byte[] greetingNonce, String plugin, byte[] response) {
        find(user);
        nonce = greetingNonce;
        return account.plugin().wireName().equals(plugin) ? onScramble(response) : askAnew();
    }

    /** A change of user: always asks for a new scramble, as the server does. */
    public LoginStep changeUser(String user) {
        find(user);
        return askAnew();
    }

    /** Who wants to log in; empty before that is known. */
    public String user() {
        return user;
    }

    /** The client's next payload after a {@link LoginStep.Send}. */
    public LoginStep answer(byte[] payload) {
        return switch (state) {
            case SWITCHED -> onScramble(payload);
            case FULL -> onFull(payload);
            case KEY_SENT -> onEncrypted(payload);
            case NEW, CHECKING, DONE ->
                    throw new IllegalStateException("no payload is due in state " + state);
        };
    }

    /** The result of a {@link LoginStep.Check}. */
    public LoginStep checked(boolean matches) {
        if (state != State.CHECKING) {
            throw new IllegalStateException("no result is due in state " + state);
        }
        return matches && real ? accepted(new byte[0]) : refused();
    }

    private void find(String name) {
        if (state != State.NEW) {
            throw new IllegalStateException("an exchange is used once");
        }
        user = name;
        Optional<LoginAccount> found = authenticator.accounts().find(name, client);
        real = found.isPresent();
        account = found.orElseGet(() -> authenticator.decoys().account(name));
    }

    private LoginStep askAnew() {
        state = State.SWITCHED;
        nonce = Scrambles.newNonce();
        ByteBuf request = Unpooled.buffer();
        new AuthSwitchRequest(account.plugin().wireName(), nonce).write(request);
        return new LoginStep.Send(Wire.readRest(request));
    }

    private LoginStep onScramble(byte[] response) {
        // Where plugins are switched, the empty password is a single NUL.
        if (response.length == 0 || (response.length == 1 && response[0] == 0)) {
            passwordSent = false;
            return onEmptyPassword();
        }
        if (account.hashes().isEmpty()) {
            real = false;
            account = authenticator.decoys().account(account.plugin());
        }
        return switch (account.plugin()) {
            case MYSQL_NATIVE_PASSWORD -> onNative(response);
            case CACHING_SHA2_PASSWORD -> onSha2(response);
        };
    }

    /** There is no scramble to look at; the hash may still be one of the empty password. */
    private LoginStep onEmptyPassword() {
        if (account.hashes().isEmpty()) {
            return real ? accepted(new byte[0]) : refused();
        }
        return switch (account.plugin()) {
            case MYSQL_NATIVE_PASSWORD -> {
                byte[] empty = Scrambles.nativeDoubleHash(new byte[0]);
                boolean matches =
                        nativeHashes().anyMatch(hash -> MessageDigest.isEqual(empty, hash));
                yield matches && real ? accepted(new byte[0]) : refused();
            }
            case CACHING_SHA2_PASSWORD -> check(new byte[] {0});
        };
    }

    private Stream<byte[]> nativeHashes() {
        return account.hashes().stream().map(PasswordHash::nativeBytes);
    }

    private LoginStep onNative(byte[] response) {
        boolean matches =
                nativeHashes().anyMatch(hash -> Scrambles.nativeMatches(response, nonce, hash));
        return matches && real ? accepted(new byte[0]) : refused();
    }

    private LoginStep onSha2(byte[] response) {
        if (response.length != Scrambles.SHA2_BYTES) {
            return refused();
        }
        if (real && authenticator.cache().matchesScramble(account, response, nonce)) {
            return accepted(FAST_PATH_DONE);
        }
        state = State.FULL;
        return new LoginStep.Send(FULL_PATH_WANTED);
    }

    private LoginStep onFull(byte[] payload) {
        if (tls) {
            return check(payload);
        }
        if (payload.length == 1 && payload[0] == KEY_REQUEST) {
            state = State.KEY_SENT;
            byte[] pem = RsaKeys.pem(authenticator.rsaKeys().getPublic());
            return new LoginStep.Send(
                    Unpooled.buffer(pem.length + 1).writeByte(MORE_DATA).writeBytes(pem).array());
        }
        return onEncrypted(payload);
    }

    private LoginStep onEncrypted(byte[] payload) {
        KeyPair keys = authenticator.rsaKeys();
        LoginAccount checked = account;
        byte[] salt = nonce;
        state = State.CHECKING;
        return new LoginStep.Check(() -> {
            byte[] password;
            try {
                password = Scrambles.decrypt(payload, salt, keys.getPrivate());
            } catch (GeneralSecurityException undecipherable) {
                // Checked all the same: time must not tell good padding from bad.
                password = new byte[] {'?', 0};
            }
            return matches(checked, password);
        });
    }

    private LoginStep check(byte[] password) {
        LoginAccount checked = account;
        state = State.CHECKING;
        return new LoginStep.Check(() -> matches(checked, password));
    }

    /** Runs away from the event loop. */
    private boolean matches(LoginAccount checked, byte[] terminated) {
        int length = terminated.length - 1;
        if (length < 0 || length > PASSWORD_BYTES_MAX || terminated[length] != 0) {
            return false;
        }
        byte[] password = Arrays.copyOf(terminated, length);
        PasswordCache cache = authenticator.cache();
        if (cache.matchesPassword(checked, password)) {
            return true; // Another login has paid for the slow check since this one began.
        }
        for (String hash : checked.hashes()) {
            if (PasswordHash.matches(hash, password)) {
                cache.put(hash, password);
                return true;
            }
        }
        return false;
    }

    private LoginStep accepted(byte[] before) {
        state = State.DONE;
        return new LoginStep.Accepted(account, before);
    }

    private LoginStep refused() {
        state = State.DONE;
        String detail =
                "user '%s'@'%s', using password: %s"
                        .formatted(user, client.getHostAddress(), passwordSent ? "YES" : "NO");
        return new LoginStep.Refused(ErrorCode.ACCESS_DENIED, detail);
    }
}
