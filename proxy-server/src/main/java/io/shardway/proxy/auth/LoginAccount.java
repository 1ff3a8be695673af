package io.shardway.proxy.auth;

import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.PasswordHash;
import java.util.List;

/**
 * What a login needs to know of an account. Immutable.
 *
 * @param hashes of the passwords that open it, as {@link PasswordHash} makes them; none for an
 *     empty password
 */
public record LoginAccount(AccountName name, AuthPlugin plugin, List<String> hashes) {

    public LoginAccount {
        hashes = List.copyOf(hashes);
        for (String hash : hashes) {
            if (!PasswordHash.isWellFormed(plugin.stored(), hash)) {
                throw new IllegalArgumentException(
                        "a hash of account " + name + " is not one of " + plugin.wireName());
            }
        }
    }

    /** With one password; an empty {@code hash} for an empty one. */
    LoginAccount(String user, AuthPlugin plugin, String hash) {
        this(AccountName.of(user), plugin, hash.isEmpty() ? List.of() : List.of(hash));
    }

    /** Leaves the hashes out: they must never be printed. */
    @Override
    public String toString() {
        return "LoginAccount[" + name + ", " + plugin.wireName() + "]";
    }
}
