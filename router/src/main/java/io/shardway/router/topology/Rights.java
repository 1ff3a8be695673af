package io.shardway.router.topology;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an account may do where. Immutable.
 *
 * @param everywhere in every keyspace, also those to come; ADMIN there is the administration of the
 *     cluster
 * @param byKeyspace in single keyspaces, which need not exist yet
 */
public record Rights(Optional<AccountRight> everywhere, Map<String, AccountRight> byKeyspace) {

    public static final Rights NONE = new Rights(Optional.empty(), Map.of());

    public Rights {
        byKeyspace = Map.copyOf(byKeyspace);
    }

    public static Rights everywhere(AccountRight right) {
        return new Rights(Optional.of(right), Map.of());
    }

    /** Whether the account may do this in a keyspace. */
    public boolean allow(String keyspace, AccountRight right) {
        if (allowEverywhere(right)) {
            return true;
        }
        AccountRight there = byKeyspace.get(keyspace);
        return there != null && there.includes(right);
    }

    public boolean allowEverywhere(AccountRight right) {
        return everywhere.isPresent() && everywhere.get().includes(right);
    }

    /** With at least this right in the keyspace. */
    public Rights with(String keyspace, AccountRight right) {
        AccountRight there = byKeyspace.get(keyspace);
        return there != null && there.includes(right) ? this : set(keyspace, Optional.of(right));
    }

    /** With at least this right in every keyspace. */
    public Rights withEverywhere(AccountRight right) {
        return allowEverywhere(right) ? this : new Rights(Optional.of(right), byKeyspace);
    }

    /** Without this right and those above it, as far as they were given for the keyspace itself. */
    public Rights without(String keyspace, AccountRight right) {
        AccountRight there = byKeyspace.get(keyspace);
        return there == null || !there.includes(right) ? this : set(keyspace, right.below());
    }

    /** Without this right and those above it, as far as they were given for every keyspace. */
    public Rights withoutEverywhere(AccountRight right) {
        return allowEverywhere(right) ? new Rights(right.below(), byKeyspace) : this;
    }

    private Rights set(String keyspace, Optional<AccountRight> right) {
        var changed = new TreeMap<>(byKeyspace);
        changed.remove(keyspace);
        right.ifPresent(now -> changed.put(keyspace, now));
        return new Rights(everywhere, changed);
    }
}
