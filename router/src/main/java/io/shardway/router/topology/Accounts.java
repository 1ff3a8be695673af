package io.shardway.router.topology;

import java.util.Map;
import java.util.Optional;

/**
 * All accounts at one revision. Immutable.
 *
 * @param revision every change makes a larger one; 0 when no account was ever stored
 */
public record Accounts(long revision, Map<String, Account> byName) {

    public static final Accounts NONE = new Accounts(0, Map.of());

    public Accounts {
        byName = Map.copyOf(byName);
    }

    public Optional<Account> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
