package io.shardway.router.topology;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** All accounts at one revision. Immutable. */
public final class Accounts {

    private static final Comparator<Account> NARROWEST_FIRST =
            Comparator.<Account>comparingInt(account -> account.name().host().rank())
                    .reversed()
                    .thenComparing(Account::name);

    public static final Accounts NONE = new Accounts(0, Map.of());

    private final long revision;
    private final Map<AccountName, Account> byName;
    private final Map<String, List<Account>> byUser;

    /**
     * @param revision every change makes a larger one; 0 when no account was ever stored
     */
    public Accounts(long revision, Map<AccountName, Account> byName) {
        this.revision = revision;
        this.byName = Map.copyOf(byName);
        this.byUser =
                byName.values().stream()
                        .sorted(NARROWEST_FIRST)
                        .collect(Collectors.groupingBy(account -> account.name().user()));
    }

    public long revision() {
        return revision;
    }

    public Map<AccountName, Account> byName() {
        return byName;
    }

    public Optional<Account> find(AccountName name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Of the user's accounts that fit the address the one with the narrowest pattern. */
    public Optional<Account> find(String user, InetAddress client) {
        for (Account account : byUser.getOrDefault(user, List.of())) {
            if (account.name().host().matches(client)) {
                return Optional.of(account);
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Accounts that
                && revision == that.revision
                && byName.equals(that.byName);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(revision);
    }

    @Override
    public String toString() {
        return "Accounts[revision=%d, %s]".formatted(revision, byName.keySet());
    }
}
