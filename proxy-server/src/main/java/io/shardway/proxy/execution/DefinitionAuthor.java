package io.shardway.proxy.execution;

import io.shardway.proxy.session.Session;
import io.shardway.router.plan.Needs;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.Rights;
import java.util.function.Supplier;

/**
 * Who sent a definition. Its rights are asked for when the definition begins: while it waited, they
 * may have been taken away, or the tables may have become others. Immutable, thread-safe.
 *
 * @param userAtHost for the journal
 * @param accounts as they are now
 */
public record DefinitionAuthor(
        AccountName account, String userAtHost, Supplier<Accounts> accounts) {

    static DefinitionAuthor of(Session session, Supplier<Accounts> accounts) {
        return new DefinitionAuthor(
                session.identity().account(), session.identity().userAtHost(), accounts);
    }

    /** Throws a {@code ShardwayException} unless the account has all the rights. */
    public void require(Needs needs) {
        Rights rights = accounts.get().find(account).map(Account::rights).orElse(Rights.NONE);
        needs.missingIn(rights)
                .ifPresent(need -> {
                    throw AccessRefusal.missing(need, account);
                });
    }
}
