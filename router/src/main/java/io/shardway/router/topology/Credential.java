package io.shardway.router.topology;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How an account proves who it is: the hash of its password and, while passwords are being changed,
 * of the one before. Immutable.
 *
 * @param hash as {@link PasswordHash} makes it; never printed
 * @param oldHash of the same plugin; never printed
 */
public record Credential(AuthPlugin plugin, String hash, Optional<String> oldHash) {

    public Credential {
        boolean wellFormed =
                PasswordHash.isWellFormed(plugin, hash)
                        && oldHash.map(old -> PasswordHash.isWellFormed(plugin, old)).orElse(true);
        if (!wellFormed) {
            throw new IllegalArgumentException(
                    "the password hash is not one of " + plugin.mysqlName());
        }
    }

    /** Makes the hash, which takes milliseconds. Leaves {@code password} as it is. */
    public static Credential of(AuthPlugin plugin, byte[] password) {
        return new Credential(plugin, PasswordHash.of(plugin, password), Optional.empty());
    }

    /** The hashes that open the account, the newest first. */
    public List<String> hashes() {
        return Stream.concat(Stream.of(hash), oldHash.stream()).toList();
    }

    /** This one, with the present password of {@code before} still good beside it. */
    public Credential retaining(Credential before) {
        return hash.equals(before.hash)
                ? before // It was stored already; its answer was lost.
                : new Credential(plugin, hash, Optional.of(before.hash));
    }

    public Credential withoutOld() {
        return new Credential(plugin, hash, Optional.empty());
    }

    @Override
    public String toString() {
        return "Credential[%s%s]"
                .formatted(plugin.mysqlName(), oldHash.isPresent() ? ", two passwords" : "");
    }
}
