package io.shardway.router.plan;

/** What to write instead of MySQL's statements on accounts. Stateless. */
public final class AccountAdvice {

    /** How every advice begins. */
    public static final String BEGINNING = "accounts are Shardway's: ";

    static final String RIGHTS =
            "accounts are Shardway's: SHARDWAY GRANT | REVOKE READ | WRITE | ADMIN ON keyspace.* TO"
                    + " | FROM account; there are no roles";
    static final String PASSWORD =
            "accounts are Shardway's: SHARDWAY ALTER ACCOUNT USER() IDENTIFIED BY 'password'";
    static final String SHOW = "accounts are Shardway's: SHARDWAY SHOW ACCOUNTS";

    private AccountAdvice() {}

    /**
     * @param word CREATE, ALTER, DROP or RENAME in lower case
     */
    static String ofUser(String word) {
        return switch (word) {
            case "create" ->
                    "accounts are Shardway's: SHARDWAY CREATE ACCOUNT 'user'@'host' IDENTIFIED BY"
                            + " 'password'";
            case "drop" -> "accounts are Shardway's: SHARDWAY DROP ACCOUNT 'user'@'host'";
            case "rename" ->
                    "accounts are Shardway's: make the new one with SHARDWAY CREATE ACCOUNT, then"
                            + " SHARDWAY DROP ACCOUNT the old one";
            default ->
                    "accounts are Shardway's: SHARDWAY ALTER ACCOUNT 'user'@'host' IDENTIFIED BY"
                            + " 'password'";
        };
    }
}
