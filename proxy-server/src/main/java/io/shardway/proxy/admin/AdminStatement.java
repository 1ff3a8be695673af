package io.shardway.proxy.admin;

/** The statements there are, in the order in which HELP lists them. Immutable. */
enum AdminStatement {
    HELP("HELP", "", false, "Lists these statements."),
    EXPLAIN("EXPLAIN", "<statement>", false, "Where a statement would go, and why."),
    SET(
            "SET",
            "transaction_mode = single | best_effort, scatter = on | off",
            false,
            "Whether this session's transactions may write, and its statements go to, several"
                    + " shards; one at a time."),
    CHECK_TABLE(
            "CHECK TABLE",
            "<reference table>",
            true,
            "Compares the copies of a reference table; writers wait only while copies that differ"
                    + " are compared again."),
    REPAIR_TABLE(
            "REPAIR TABLE",
            "<reference table>",
            true,
            "Makes all copies of a reference table like the default shard's."),
    SHOW_TABLES(
            "SHOW TABLES",
            "[IN keyspace] [LIKE 'pattern']",
            false,
            "Keyspaces and tables, where their rows live, and what holds for them."),
    SHOW_KEYSPACES("SHOW KEYSPACES", "[LIKE 'pattern']", false, "Keyspaces, their kind and state."),
    CREATE_KEYSPACE(
            "CREATE KEYSPACE",
            "[IF NOT EXISTS] <name> SHARD KEY <column>",
            true,
            "Makes a sharded keyspace; CREATE DATABASE makes a plain one."),
    ALTER_KEYSPACE(
            "ALTER KEYSPACE",
            "<name> SHARD KEY <column> | PLAIN",
            true,
            "Changes the kind of a keyspace without tables."),
    SHOW_DDL(
            "SHOW DDL",
            "[LIKE 'pattern']",
            true,
            "Definitions of tables, the newest first, and what was left half done."),
    RESUME_DDL("RESUME DDL", "<number>", true, "Carries a half done definition to its end."),
    ABANDON_DDL("ABANDON DDL", "<number>", true, "Takes a half done definition back."),
    SHOW_BUCKETS("SHOW BUCKETS", "[LIKE 'pattern']", false, "Which shard owns which buckets."),
    SHOW_SHARDS("SHOW SHARDS", "[LIKE 'pattern']", true, "Shards and their nodes."),
    SHOW_PROXIES(
            "SHOW PROXIES",
            "[LIKE 'pattern']",
            true,
            "Registered proxies and the epochs they serve."),
    SHOW_SEQUENCES(
            "SHOW SEQUENCES",
            "[LIKE 'pattern']",
            true,
            "Where keys are drawn, and which proxy holds which of them."),
    FORGET_PROXY(
            "FORGET PROXY",
            "<number>",
            true,
            "Locks out a proxy that is gone for good, on every node."),
    SHOW_POOLS("SHOW POOLS", "[LIKE 'pattern']", true, "This proxy's connections to the nodes."),
    SHOW_SESSIONS("SHOW SESSIONS", "[LIKE 'pattern']", true, "Clients connected to this proxy."),
    SHOW_SETTINGS("SHOW SETTINGS", "[LIKE 'pattern']", true, "This proxy's settings in force."),
    SHOW_ACCOUNTS("SHOW ACCOUNTS", "[LIKE 'pattern']", true, "Who may log in, and do what."),
    SHOW_ACCOUNT("SHOW ACCOUNT", "'user'@'host' | USER()", false, "One account, or one's own."),
    CREATE_ACCOUNT(
            "CREATE ACCOUNT",
            "[IF NOT EXISTS] 'user'@'host' IDENTIFIED [WITH plugin] BY 'password' | IDENTIFIED WITH"
                    + " plugin AS 'hash' [REQUIRE NONE | SSL | X509 | SUBJECT 's' | ISSUER 'i'] [WITH"
                    + " MAX_USER_CONNECTIONS n | MAX_STATEMENTS n] [SCATTER ON | OFF] [ACCOUNT LOCK |"
                    + " UNLOCK]",
            true,
            "Makes an account, without rights."),
    ALTER_ACCOUNT(
            "ALTER ACCOUNT",
            "[IF EXISTS] 'user'@'host' | USER() [IDENTIFIED ... [RETAIN CURRENT PASSWORD]] [DISCARD"
                    + " OLD PASSWORD] [REQUIRE ...] [WITH ...] [SCATTER ON | OFF] [ACCOUNT LOCK |"
                    + " UNLOCK]",
            false,
            "Changes an account; one's own password without the admin right."),
    DROP_ACCOUNT(
            "DROP ACCOUNT",
            "[IF EXISTS] 'user'@'host' [, ...]",
            true,
            "Removes accounts and ends their sessions."),
    GRANT(
            "GRANT",
            "READ | WRITE | ADMIN ON keyspace.* | *.* TO 'user'@'host' [, ...]",
            false,
            "Gives a right and those below it; needs ADMIN there."),
    REVOKE(
            "REVOKE",
            "READ | WRITE | ADMIN ON keyspace.* | *.* FROM 'user'@'host' [, ...]",
            false,
            "Takes a right and those above it; needs ADMIN there.");

    private final String words;
    private final String rest;
    private final boolean needsAdmin;
    private final String what;

    AdminStatement(String words, String rest, boolean needsAdmin, String what) {
        this.words = words;
        this.rest = rest;
        this.needsAdmin = needsAdmin;
        this.what = what;
    }

    boolean changes() {
        return switch (this) {
            case REPAIR_TABLE,
                    CREATE_KEYSPACE,
                    ALTER_KEYSPACE,
                    CREATE_ACCOUNT,
                    ALTER_ACCOUNT,
                    DROP_ACCOUNT,
                    GRANT,
                    REVOKE,
                    RESUME_DDL,
                    ABANDON_DDL,
                    FORGET_PROXY ->
                    true;
            case HELP,
                    EXPLAIN,
                    SET,
                    CHECK_TABLE,
                    SHOW_TABLES,
                    SHOW_KEYSPACES,
                    SHOW_DDL,
                    SHOW_BUCKETS,
                    SHOW_SHARDS,
                    SHOW_PROXIES,
                    SHOW_POOLS,
                    SHOW_SESSIONS,
                    SHOW_SETTINGS,
                    SHOW_SEQUENCES,
                    SHOW_ACCOUNTS,
                    SHOW_ACCOUNT ->
                    false;
        };
    }

    /** Upper case, without SHARDWAY. */
    String words() {
        return words;
    }

    /** What may follow the words. */
    String syntax() {
        return ("SHARDWAY " + words + " " + rest).strip();
    }

    /** Of some the account itself decides. */
    boolean needsAdmin() {
        return needsAdmin;
    }

    String what() {
        return what;
    }
}
