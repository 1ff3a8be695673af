package io.shardway.proxy.admin;

import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.settings.Spelling;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.sql.LikePattern;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An admin statement, read. Immutable. */
sealed interface AdminRequest {

    AdminStatement statement();

    /** A table, of which LIKE may leave rows out. */
    record Listing(AdminStatement statement, LikePattern like) implements AdminRequest {}

    /**
     * @param sql the statement to explain, as written
     */
    record Explain(String sql) implements AdminRequest {
        @Override
        public AdminStatement statement() {
            return AdminStatement.EXPLAIN;
        }
    }

    /** Of accounts. */
    record OfAccounts(AdminStatement statement, AccountCommand command) implements AdminRequest {}

    /** Of a keyspace; an empty key means plain. */
    record OfKeyspace(
            AdminStatement statement, String name, Optional<String> shardKey, boolean ifNotExists)
            implements AdminRequest {}

    /** Of an entry of the journal, or of a proxy. */
    record Numbered(AdminStatement statement, long number) implements AdminRequest {}

    /**
     * @param keyspace empty: all of them
     */
    record Tables(Optional<String> keyspace, LikePattern like) implements AdminRequest {
        @Override
        public AdminStatement statement() {
            return AdminStatement.SHOW_TABLES;
        }
    }

    /**
     * Of one table.
     *
     * @param keyspace empty if it is not written
     */
    record OfTable(AdminStatement statement, String keyspace, String table)
            implements AdminRequest {}

    /** Throws ADMIN_SYNTAX, naming the nearest statement. */
    static AdminRequest read(String sql, AdminCaller caller) {
        var text = new AdminText(sql, caller.dialect());
        if (text.reader().take("EXPLAIN") && !text.reader().atEnd()) {
            return new Explain(text.after(2));
        }
        AdminStatement statement = find(text).orElseThrow(() -> unknown(text));
        if (text.isTooLong() || !text.isWellFormed()) {
            throw unknown(text);
        }
        text.is(statement);
        return switch (statement) {
            case HELP -> {
                text.requireEnd();
                yield new Listing(statement, LikePattern.EVERYTHING);
            }
            case SHOW_TABLES -> new Tables(keyspace(text), like(text));
            case RESUME_DDL, ABANDON_DDL, FORGET_PROXY -> new Numbered(statement, number(text));
            case SHOW_DDL,
                    SHOW_BUCKETS,
                    SHOW_SHARDS,
                    SHOW_PROXIES,
                    SHOW_POOLS,
                    SHOW_SESSIONS,
                    SHOW_SETTINGS,
                    SHOW_SEQUENCES,
                    SHOW_KEYSPACES,
                    SHOW_ACCOUNTS ->
                    new Listing(statement, like(text));
            case SHOW_ACCOUNT, CREATE_ACCOUNT, ALTER_ACCOUNT, DROP_ACCOUNT, GRANT, REVOKE ->
                    new OfAccounts(
                            statement,
                            new AccountGrammar(text, caller.identity().account()).read(statement));
            case CREATE_KEYSPACE, ALTER_KEYSPACE -> KeyspaceGrammar.read(statement, text);
            case CHECK_TABLE, REPAIR_TABLE -> table(statement, text);
            case SET ->
                    throw text.wrong(
                            "set transaction_mode to single or best_effort, or scatter to on or off");
            case EXPLAIN -> throw unknown(text);
        };
    }

    private static Optional<String> keyspace(AdminText text) {
        if (!text.reader().takeAny("IN", "FROM")) {
            return Optional.empty();
        }
        return Optional.of(
                text.reader()
                        .takeName()
                        .orElseThrow(() -> text.wrong("the name of a keyspace is missing")));
    }

    private static long number(AdminText text) {
        long number =
                text.reader().takeNumber().orElseThrow(() -> text.wrong("a number is missing"));
        text.requireEnd();
        return number;
    }

    private static OfTable table(AdminStatement statement, AdminText text) {
        String first = name(text);
        if (!text.reader().takeOperator(".")) {
            text.requireEnd();
            return new OfTable(statement, "", first);
        }
        String second = name(text);
        text.requireEnd();
        return new OfTable(statement, first, second);
    }

    private static String name(AdminText text) {
        return text.reader().takeName().orElseThrow(() -> text.wrong("a table is missing"));
    }

    private static LikePattern like(AdminText text) {
        LikePattern like = LikePattern.EVERYTHING;
        if (text.reader().take("LIKE")) {
            like =
                    text.takeString()
                            .map(LikePattern::of)
                            .orElseThrow(() -> text.wrong("LIKE takes a string"));
        }
        text.requireEnd();
        return like;
    }

    /** Takes the words of the longest statement that fits. */
    private static Optional<AdminStatement> find(AdminText text) {
        return Arrays.stream(AdminStatement.values())
                .filter(each -> each != AdminStatement.EXPLAIN) // It needs a statement.
                .sorted(
                        Comparator.<AdminStatement>comparingInt(each -> each.words().length())
                                .reversed())
                .filter(each -> text.reader().take(each.words().split(" ")))
                .findFirst();
    }

    private static ShardwayException unknown(AdminText text) {
        List<String> known =
                Arrays.stream(AdminStatement.values()).map(AdminStatement::words).toList();
        String words = text.words();
        String nearest = Spelling.nearest(firstWords(words, 2).toUpperCase(Locale.ROOT), known);
        String syntax =
                Arrays.stream(AdminStatement.values())
                        .filter(each -> each.words().equals(nearest))
                        .map(AdminStatement::syntax)
                        .findFirst()
                        .orElseThrow();
        return new ShardwayException(
                ErrorCode.ADMIN_SYNTAX,
                "\"%s\"; the nearest is: %s".formatted(("SHARDWAY " + words).strip(), syntax));
    }

    private static String firstWords(String words, int count) {
        return String.join(" ", Arrays.stream(words.split(" ")).limit(count).toList());
    }
}
