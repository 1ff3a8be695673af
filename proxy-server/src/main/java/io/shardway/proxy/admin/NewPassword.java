package io.shardway.proxy.admin;

import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Credential;
import java.util.Optional;

/** What a statement says of a password. Immutable; never printed. */
sealed interface NewPassword {

    /**
     * What the account gets; takes milliseconds for a password in clear.
     *
     * @param usual the plugin where the statement names none
     */
    Credential credential(AuthPlugin usual);

    /** BY: in clear. */
    record Clear(Optional<AuthPlugin> plugin, byte[] password) implements NewPassword {
        @Override
        public Credential credential(AuthPlugin usual) {
            return Credential.of(plugin.orElse(usual), password);
        }

        @Override
        public String toString() {
            return "Clear";
        }
    }

    /** AS: taken over from a MySQL server. */
    record Hash(AuthPlugin plugin, String hash) implements NewPassword {
        @Override
        public Credential credential(AuthPlugin usual) {
            return new Credential(plugin, hash, Optional.empty());
        }

        @Override
        public String toString() {
            return "Hash";
        }
    }
}
