package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Credential;
import io.shardway.router.topology.Rights;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Carries out statements on accounts. Thread-safe; blocks while it asks ZooKeeper and while it
 * hashes passwords.
 *
 * <p>A change may be applied more than once (see {@link AccountStore#change}); each is written so
 * that its own result is left as it is.
 */
public final class AccountAdministration {

    private final AccountStore store;
    private final Consumer<Accounts> follower;

    /**
     * @param follower takes what was stored, so that this proxy need not wait for its watch
     */
    public AccountAdministration(AccountStore store, Consumer<Accounts> follower) {
        this.store = store;
        this.follower = follower;
    }

    AdminAnswer.Table all() {
        return AccountViews.table(store.read().byName().values());
    }

    AdminAnswer run(AccountCommand command, AdminCaller caller) {
        requireRight(command, caller);
        return switch (command) {
            case AccountCommand.Show(var name) ->
                    AccountViews.table(
                            List.of(store.read().find(name).orElseThrow(() -> unknown(name))));
            case AccountCommand.Create create -> changed(create(create));
            case AccountCommand.Alter alter -> changed(alter(alter));
            case AccountCommand.Drop drop -> changed(drop(drop));
            case AccountCommand.Grant(var right, var keyspace, var names) ->
                    changed(
                            eachOf(
                                    names,
                                    rights ->
                                            keyspace.map(name -> rights.with(name, right))
                                                    .orElseGet(
                                                            () -> rights.withEverywhere(right))));
            case AccountCommand.Revoke revoke -> {
                requireGiven(revoke);
                yield changed(eachOf(revoke.names(), rights -> without(rights, revoke)));
            }
        };
    }

    private static void requireRight(AccountCommand command, AdminCaller caller) {
        AccountName self = caller.identity().account();
        Rights rights = caller.identity().rights();
        boolean may =
                caller.admin()
                        || switch (command) {
                            case AccountCommand.Show(var name) -> name.equals(self);
                            case AccountCommand.Alter(var name, _, var changes) ->
                                    name.equals(self) && changes.isOfPasswordOnly();
                            case AccountCommand.Grant(_, var keyspace, _) ->
                                    administers(rights, keyspace);
                            case AccountCommand.Revoke(_, var keyspace, _) ->
                                    administers(rights, keyspace);
                            case AccountCommand.Create _, AccountCommand.Drop _ -> false;
                        };
        if (!may) {
            throw new ShardwayException(ErrorCode.ADMIN_RIGHT_MISSING, "");
        }
    }

    private static boolean administers(Rights rights, Optional<String> keyspace) {
        return keyspace.isPresent() && rights.allow(keyspace.get(), AccountRight.ADMIN);
    }

    private UnaryOperator<Map<AccountName, Account>> create(AccountCommand.Create create) {
        Credential credential =
                create.changes().password().orElseThrow().credential(AuthPlugin.CACHING_SHA2);
        Account made = create.changes().applied(Account.of(create.name(), credential));
        return accounts -> {
            Account present = accounts.get(create.name());
            if (present != null && !present.equals(made) && !create.ifNotExists()) {
                throw new ShardwayException(ErrorCode.ACCOUNT_EXISTS, create.name().toString());
            }
            if (present == null) {
                accounts.put(create.name(), made);
            }
            return accounts;
        };
    }

    private UnaryOperator<Map<AccountName, Account>> alter(AccountCommand.Alter alter) {
        AuthPlugin usual =
                store.read()
                        .find(alter.name())
                        .map(account -> account.credential().plugin())
                        .orElse(AuthPlugin.CACHING_SHA2);
        Optional<Credential> credential =
                alter.changes().password().map(password -> password.credential(usual));
        return accounts -> {
            Account present = accounts.get(alter.name());
            if (present == null) {
                if (alter.ifExists()) {
                    return accounts;
                }
                throw unknown(alter.name());
            }
            Credential now = credential(present.credential(), credential, alter.changes());
            accounts.put(alter.name(), alter.changes().applied(present).with(now));
            return accounts;
        };
    }

    private static Credential credential(
            Credential present, Optional<Credential> wanted, AccountChanges changes) {
        if (wanted.isEmpty()) {
            return changes.discard() ? present.withoutOld() : present;
        }
        if (!changes.retain()) {
            return wanted.get();
        }
        if (wanted.get().plugin() != present.plugin()) {
            throw new ShardwayException(
                    ErrorCode.ADMIN_SYNTAX,
                    "RETAIN CURRENT PASSWORD: both passwords are of one plugin");
        }
        return wanted.get().retaining(present);
    }

    private static UnaryOperator<Map<AccountName, Account>> drop(AccountCommand.Drop drop) {
        var seen = new boolean[1];
        return accounts -> {
            for (AccountName name : drop.names()) {
                // Seen before and gone now: the answer to the removal was lost.
                if (!accounts.containsKey(name) && !drop.ifExists() && !seen[0]) {
                    throw unknown(name);
                }
            }
            seen[0] = true;
            drop.names().forEach(accounts::remove);
            return accounts;
        };
    }

    private static UnaryOperator<Map<AccountName, Account>> eachOf(
            List<AccountName> names, UnaryOperator<Rights> change) {
        return accounts -> {
            for (AccountName name : names) {
                Account present = accounts.get(name);
                if (present == null) {
                    throw unknown(name);
                }
                accounts.put(name, present.with(change.apply(present.rights())));
            }
            return accounts;
        };
    }

    private static Rights without(Rights rights, AccountCommand.Revoke revoke) {
        return revoke.keyspace()
                .map(name -> rights.without(name, revoke.right()))
                .orElseGet(() -> rights.withoutEverywhere(revoke.right()));
    }

    /** Taking what is not there would leave somebody with a right that was thought to be gone. */
    private void requireGiven(AccountCommand.Revoke revoke) {
        Accounts accounts = store.read();
        for (AccountName name : revoke.names()) {
            Rights rights = accounts.find(name).orElseThrow(() -> unknown(name)).rights();
            boolean remains =
                    revoke.keyspace()
                            .map(keyspace ->
                                    without(rights, revoke).allow(keyspace, revoke.right()))
                            .orElse(false);
            if (remains || without(rights, revoke).equals(rights)) {
                throw new ShardwayException(ErrorCode.RIGHT_NOT_GIVEN, name.toString());
            }
        }
    }

    private AdminAnswer changed(UnaryOperator<Map<AccountName, Account>> change) {
        Accounts stored =
                store.change(present -> {
                    Map<AccountName, Account> after = change.apply(new TreeMap<>(present));
                    if (hasAdmin(present) && !hasAdmin(after)) {
                        throw new ShardwayException(ErrorCode.LAST_ADMIN_ACCOUNT, "");
                    }
                    return after;
                });
        follower.accept(stored);
        return new AdminAnswer.Done("");
    }

    private static boolean hasAdmin(Map<AccountName, Account> accounts) {
        return accounts.values().stream()
                .anyMatch(account ->
                        !account.locked() && account.rights().allowEverywhere(AccountRight.ADMIN));
    }

    private static ShardwayException unknown(AccountName name) {
        return new ShardwayException(ErrorCode.ACCOUNT_UNKNOWN, name.toString());
    }
}
