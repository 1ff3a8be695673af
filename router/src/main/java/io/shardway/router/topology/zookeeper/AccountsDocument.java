package io.shardway.router.topology.zookeeper;

import io.shardway.router.topology.Account;
import io.shardway.router.topology.AccountLimits;
import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Accounts;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Credential;
import io.shardway.router.topology.Rights;
import io.shardway.router.topology.TlsRequirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The node {@code /accounts}: hashes, never passwords. An empty text is "none". Immutable. */
record AccountsDocument(long revision, List<Entry> accounts) {

    record Entry(
            String user,
            String host,
            String plugin,
            String hash,
            String oldHash,
            String everywhere,
            Map<String, String> keyspaces,
            Tls tls,
            int connectionsMax,
            int statementsMax,
            boolean scatterOff,
            boolean locked) {

        static Entry of(Account account) {
            var keyspaces = new TreeMap<String, String>();
            account.rights()
                    .byKeyspace()
                    .forEach((keyspace, right) -> keyspaces.put(keyspace, right.name()));
            return new Entry(
                    account.name().user(),
                    account.name().host().text(),
                    account.credential().plugin().name(),
                    account.credential().hash(),
                    account.credential().oldHash().orElse(""),
                    account.rights().everywhere().map(AccountRight::name).orElse(""),
                    keyspaces,
                    Tls.of(account.tls()),
                    account.limits().connectionsMax(),
                    account.limits().statementsMax(),
                    account.limits().scatterOff(),
                    account.locked());
        }

        Account toAccount() {
            return new Account(
                    AccountName.of(user, host),
                    new Credential(AuthPlugin.valueOf(plugin), hash, some(oldHash)),
                    rights(),
                    tls.toRequirement(),
                    new AccountLimits(connectionsMax, statementsMax, scatterOff),
                    locked);
        }

        private Rights rights() {
            var byKeyspace = new TreeMap<String, AccountRight>();
            keyspaces.forEach(
                    (keyspace, right) -> byKeyspace.put(keyspace, AccountRight.valueOf(right)));
            return new Rights(some(everywhere).map(AccountRight::valueOf), byKeyspace);
        }
    }

    record Tls(String kind, String subject, String issuer) {

        static Tls of(TlsRequirement tls) {
            return new Tls(tls.kind().name(), tls.subject().orElse(""), tls.issuer().orElse(""));
        }

        TlsRequirement toRequirement() {
            return new TlsRequirement(
                    TlsRequirement.Kind.valueOf(kind), some(subject), some(issuer));
        }
    }

    static AccountsDocument of(Accounts accounts) {
        return new AccountsDocument(
                accounts.revision(),
                new TreeMap<>(accounts.byName()).values().stream().map(Entry::of).toList());
    }

    Accounts toAccounts() {
        return new Accounts(
                revision,
                accounts.stream()
                        .map(Entry::toAccount)
                        .collect(Collectors.toMap(Account::name, account -> account)));
    }

    private static Optional<String> some(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
