package io.shardway.router.topology;

/**
 * Which account is meant: a user as clients name it, and the addresses it may come from. The same
 * user from two patterns is two accounts, as in MySQL. Immutable.
 *
 * @param user case-sensitive, 1 to 32 characters
 */
public record AccountName(String user, HostPattern host) implements Comparable<AccountName> {

    public AccountName {
        if (user.isEmpty() || user.codePointCount(0, user.length()) > 32) {
            throw new IllegalArgumentException("a user's name has 1 to 32 characters");
        }
    }

    /** From any address. */
    public static AccountName of(String user) {
        return new AccountName(user, HostPattern.ANY);
    }

    public static AccountName of(String user, String host) {
        return new AccountName(user, HostPattern.of(host));
    }

    @Override
    public int compareTo(AccountName other) {
        int byUser = user.compareTo(other.user);
        return byUser != 0 ? byUser : host.text().compareTo(other.host.text());
    }

    /** What CURRENT_USER() tells. */
    public String plain() {
        return user + "@" + host.text();
    }

    /** As MySQL quotes it. */
    @Override
    public String toString() {
        return "'%s'@'%s'".formatted(user.replace("'", "''"), host.text());
    }
}
