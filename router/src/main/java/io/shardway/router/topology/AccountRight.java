package io.shardway.router.topology;

import java.util.Optional;

/** What an account may do; each right includes those before it. */
public enum AccountRight {
    /** SELECT and what else changes nothing. */
    READ,
    /** Changes rows and tables too. */
    WRITE,
    /**
     * In one keyspace: gives rights on it to accounts too. Everywhere: SHARDWAY statements and KILL
     * of others too.
     */
    ADMIN;

    public boolean includes(AccountRight other) {
        return compareTo(other) >= 0;
    }

    /** The next smaller right. */
    public Optional<AccountRight> below() {
        return switch (this) {
            case READ -> Optional.empty();
            case WRITE -> Optional.of(READ);
            case ADMIN -> Optional.of(WRITE);
        };
    }
}
