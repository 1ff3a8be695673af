package io.shardway.proxy.admin;

/** The statements there are, in the order in which HELP lists them. Immutable. */
enum AdminStatement {
    HELP("HELP", "", false, "Lists these statements."),
    EXPLAIN("EXPLAIN", "<statement>", false, "Where a statement would go, and why."),
    SHOW_TABLES(
            "SHOW TABLES",
            "[LIKE 'pattern']",
            false,
            "Keyspaces and tables, where their rows live, and why one is unusable."),
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
    SHOW_POOLS("SHOW POOLS", "[LIKE 'pattern']", true, "This proxy's connections to the nodes."),
    SHOW_SESSIONS("SHOW SESSIONS", "[LIKE 'pattern']", true, "Clients connected to this proxy."),
    SHOW_SETTINGS("SHOW SETTINGS", "[LIKE 'pattern']", true, "This proxy's settings in force.");

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

    /** Upper case, without SHARDWAY. */
    String words() {
        return words;
    }

    /** What may follow the words. */
    String syntax() {
        return ("SHARDWAY " + words + " " + rest).strip();
    }

    boolean needsAdmin() {
        return needsAdmin;
    }

    String what() {
        return what;
    }
}
