package io.shardway.proxy.admin;

import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountStore;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Watch;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Accounts in memory; asks each change again with its own result, as after a lost answer. */
final class FakeAccountStore implements AccountStore {

    private final AtomicReference<Accounts> accounts = new AtomicReference<>(Accounts.NONE);

    @Override
    public Accounts read() {
        return accounts.get();
    }

    @Override
    public Accounts change(UnaryOperator<Map<AccountName, Account>> change) {
        Map<AccountName, Account> once = change.apply(accounts.get().byName());
        Map<AccountName, Account> twice = change.apply(once);
        if (!twice.equals(once)) {
            throw new AssertionError("a change does not know its own result: " + once + twice);
        }
        return accounts.updateAndGet(before -> new Accounts(before.revision() + 1, once));
    }

    @Override
    public Watch watch(Consumer<Accounts> listener) {
        throw new UnsupportedOperationException();
    }
}
