package io.shardway.router.topology;

/**
 * Somebody who may log in at the proxies. Immutable.
 *
 * @param name as the client sends it; case-sensitive, at most 32 characters as in MySQL
 * @param passwordHash as {@link PasswordHash} makes it; never printed
 */
public record Account(String name, String passwordHash, AuthPlugin plugin, AccountRight right) {

    public Account {
        if (name.isEmpty() || name.length() > 32) {
            throw new IllegalArgumentException("an account name has 1 to 32 characters");
        }
        if (!PasswordHash.isWellFormed(plugin, passwordHash)) {
            throw new IllegalArgumentException(
                    "the password hash of account %s is not one of %s"
                            .formatted(name, plugin.mysqlName()));
        }
    }

    /** Makes the hash too. Leaves {@code password} as it is. */
    public static Account of(String name, byte[] password, AuthPlugin plugin, AccountRight right) {
        return new Account(name, PasswordHash.of(plugin, password), plugin, right);
    }

    @Override
    public String toString() {
        return "Account[name=%s, plugin=%s, right=%s]".formatted(name, plugin, right);
    }
}
