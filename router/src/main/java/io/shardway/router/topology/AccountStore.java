package io.shardway.router.topology;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Where all proxies find the accounts. Thread-safe; methods block. */
public interface AccountStore {

    /** The newest accounts; {@link Accounts#NONE} before the first. */
    Accounts read();

    /**
     * Stores what {@code change} makes of the present accounts, and nothing if somebody else
     * changed them meanwhile: then {@code change} is asked again with theirs. After a lost answer
     * it may be given its own result, which it must then return as it is. What it throws comes out.
     */
    Accounts change(UnaryOperator<Map<AccountName, Account>> change);

    /** Adds the account or replaces the one with its name; returns all. */
    default Accounts put(Account account) {
        return change(present -> {
            var changed = new TreeMap<>(present);
            changed.put(account.name(), account);
            return changed;
        });
    }

    /** Removes the account if it is there; returns the others. */
    default Accounts remove(AccountName name) {
        return change(present -> {
            var changed = new TreeMap<>(present);
            changed.remove(name);
            return changed;
        });
    }

    /**
     * Hands over the present accounts, if any, and each newer revision; same promises as {@link
     * TopologyStore#watch}.
     */
    Watch watch(Consumer<Accounts> listener);
}
