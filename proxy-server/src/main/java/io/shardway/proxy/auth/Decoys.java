package io.shardway.proxy.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.Scrambles;
import io.shardway.router.topology.PasswordHash;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Accounts that nobody can log in to, checked in the place of accounts that do not exist: an
 * unknown user is asked the same questions and costs the same time as a wrong password. Immutable.
 */
final class Decoys {

    private static final String MAC = "HmacSHA256";

    /** Whatever the client sent: it need not be a name at all. */
    private static final String NOBODY = "nobody";

    private final AuthenticatorSettings settings;
    private final String sha2Hash;
    private final String nativeHash;

    Decoys(AuthenticatorSettings settings) {
        this.settings = settings;
        HexFormat hex = HexFormat.of();
        byte[] password = hex.formatHex(Scrambles.newNonce()).getBytes(US_ASCII);
        nativeHash = PasswordHash.nativeHash(password);
        sha2Hash = PasswordHash.sha2(password);
    }

    LoginAccount account(AuthPlugin plugin) {
        return switch (plugin) {
            case CACHING_SHA2_PASSWORD -> new LoginAccount(NOBODY, plugin, sha2Hash);
            case MYSQL_NATIVE_PASSWORD -> new LoginAccount(NOBODY, plugin, nativeHash);
        };
    }

    /** For a user that does not exist. */
    LoginAccount account(String user) {
        return account(plugin(user));
    }

    private AuthPlugin plugin(String user) {
        byte[] secret = settings.decoySecret();
        if (secret.length == 0) {
            return settings.defaultPlugin();
        }
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret, MAC));
            AuthPlugin[] plugins = AuthPlugin.values();
            return plugins[
                    Byte.toUnsignedInt(mac.doFinal(user.getBytes(UTF_8))[0]) % plugins.length];
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // Every JDK has it.
        }
    }
}
