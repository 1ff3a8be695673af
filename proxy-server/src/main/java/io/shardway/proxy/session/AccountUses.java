package io.shardway.proxy.session;

import io.shardway.router.topology.AccountName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How much each account that is connected uses of this proxy. Thread-safe. */
public final class AccountUses {

    private final Map<AccountName, AccountUse> uses = new ConcurrentHashMap<>();

    /** Takes a place for a connection; empty when there is none. 0 is no limit. */
    Optional<AccountUse> enter(AccountName name, int connectionsMax) {
        var entered = new boolean[1];
        AccountUse use =
                uses.compute(
                        name,
                        (_, present) -> {
                            AccountUse known = present == null ? new AccountUse() : present;
                            entered[0] =
                                    connectionsMax == 0 || known.connections() < connectionsMax;
                            known.addConnections(entered[0] ? 1 : 0);
                            return known;
                        });
        return entered[0] ? Optional.of(use) : Optional.empty();
    }

    void leave(AccountName name) {
        uses.computeIfPresent(
                name,
                (_, use) -> {
                    use.addConnections(-1);
                    return use.connections() == 0 ? null : use;
                });
    }

    /** How many connections an account has. */
    public int connectionsOf(AccountName name) {
        AccountUse use = uses.get(name);
        return use == null ? 0 : use.connections();
    }
}
