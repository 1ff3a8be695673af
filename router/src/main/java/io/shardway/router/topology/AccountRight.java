package io.shardway.router.topology;

/** What an account may do; each right includes those before it. */
public enum AccountRight {
    /** SELECT and what else changes nothing. */
    READ,
    /** Changes rows and tables too. */
    WRITE,
    /** SHARDWAY statements and KILL of others too. */
    ADMIN;

    public boolean includes(AccountRight other) {
        return compareTo(other) >= 0;
    }
}
