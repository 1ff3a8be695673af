package io.shardway.router.topology;

import java.util.function.Consumer;

/** Where all proxies find the accounts. Thread-safe; methods block. */
public interface AccountStore {

    /** The newest accounts; {@link Accounts#NONE} before the first. */
    Accounts read();

    /** Adds the account or replaces the one with its name; returns all. */
    Accounts put(Account account);

    /** Removes the account if it is there; returns the others. */
    Accounts remove(String name);

    /**
     * Hands over the present accounts, if any, and each newer revision; same promises as {@link
     * TopologyStore#watch}.
     */
    Watch watch(Consumer<Accounts> listener);
}
