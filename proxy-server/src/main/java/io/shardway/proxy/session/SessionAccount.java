package io.shardway.proxy.session;

import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Rights;
import java.util.Optional;

/**
 * The account behind a session: follows its changes and holds its places among the account's
 * limits. Confined to its event loop.
 */
public final class SessionAccount {

    private final AccountUses uses;
    private final AccountUse use;
    private SessionIdentity identity;
    private Accounts seen;
    private int statementsMax;
    private boolean scatterOff;
    private boolean there = true;
    private boolean entered = true;
    private boolean running;

    private SessionAccount(
            AccountUses uses, AccountUse use, SessionIdentity identity, Accounts seen) {
        this.uses = uses;
        this.use = use;
        this.identity = identity;
        this.seen = seen;
    }

    /**
     * Takes a place among the account's connections; empty when there is none.
     *
     * @param host the client's address, as USER() tells it
     * @param connectionsMax 0 for no limit
     */
    public static Optional<SessionAccount> enter(
            Account account, String host, Accounts seen, AccountUses uses, int connectionsMax) {
        AccountName name = account.name();
        var identity = new SessionIdentity(name, host, account.rights());
        return uses.enter(name, connectionsMax)
                .map(use -> {
                    var entered = new SessionAccount(uses, use, identity, seen);
                    entered.statementsMax = account.limits().statementsMax();
                    entered.scatterOff = account.limits().scatterOff();
                    return entered;
                });
    }

    public SessionIdentity identity() {
        return identity;
    }

    public Rights rights() {
        return identity.rights();
    }

    public int statementsMax() {
        return statementsMax;
    }

    /** Whether its statements go to one shard each. */
    public boolean isScatterOff() {
        return scatterOff;
    }

    /** Takes over what has changed; false if the account is there no longer. */
    public boolean follow(Accounts now) {
        if (now != seen) {
            seen = now;
            Optional<Account> account = now.find(identity.account());
            there = account.isPresent();
            account.ifPresent(changed -> {
                identity = identity.with(changed.rights());
                statementsMax = changed.limits().statementsMax();
                scatterOff = changed.limits().scatterOff();
            });
        }
        return there;
    }

    /** Takes a place among the account's running statements; false when there is none. */
    public boolean takeStatement() {
        if (statementsMax == 0 || running) {
            return true;
        }
        running = use.takeStatement(statementsMax);
        return running;
    }

    /** Gives the place back, if one was taken. */
    public void endStatement() {
        if (running) {
            running = false;
            use.endStatement();
        }
    }

    /** The session is over, or another account's. */
    public void leave() {
        if (entered) {
            entered = false;
            endStatement();
            uses.leave(identity.account());
        }
    }
}
