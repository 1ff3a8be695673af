package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Statements that no keyspace offers, and what to do instead. Stateless. */
final class RefusedStatements {

    private static final String SERVER = "log in to the node itself for the server's own affairs";
    private static final String LOAD =
            "use LOAD DATA LOCAL INFILE, or INSERT statements of many rows";
    private static final String LOCK = "use transactions with SELECT ... FOR UPDATE";

    private RefusedStatements() {}

    /**
     * @param plain the current keyspace is plain, where only what is nobody's business is refused
     */
    static Optional<Plan> find(List<Token> tokens, boolean plain) {
        var reader = new TokenReader(tokens);
        Optional<Plan> byWords = reader.peek().flatMap(first -> byWords(first, reader, plain));
        if (byWords.isPresent()) {
            return byWords;
        }
        if (writesFiles(tokens)) {
            return refused("read the rows and write the file where the client runs");
        }
        return tokens.stream().anyMatch(token -> countsErrors(token).isPresent())
                ? refused("read @@warning_count and @@error_count in a statement of their own")
                : Optional.empty();
    }

    private static boolean writesFiles(List<Token> tokens) {
        return PlainStatements.follows(tokens, "into", "outfile")
                || PlainStatements.follows(tokens, "into", "dumpfile");
    }

    /** Present if it is {@code @@warning_count} (false) or {@code @@error_count} (true). */
    static Optional<Boolean> countsErrors(Token token) {
        if (token.kind() != Token.Kind.SYSTEM_VARIABLE) {
            return Optional.empty();
        }
        String name = token.text().toLowerCase(Locale.ROOT).replace("`", "");
        return switch (name) {
            case "@@warning_count", "@@session.warning_count", "@@local.warning_count" ->
                    Optional.of(false);
            case "@@error_count", "@@session.error_count", "@@local.error_count" ->
                    Optional.of(true);
            default -> Optional.empty();
        };
    }

    private static Optional<Plan> byWords(Token first, TokenReader reader, boolean plain) {
        if (first.kind() != Token.Kind.WORD) {
            return Optional.empty();
        }
        String word = first.text().toLowerCase(Locale.ROOT);
        reader.take(word);
        return switch (word) {
            case "xa" -> refused("Shardway commits over several shards by itself");
            case "handler" -> plain ? Optional.empty() : refused("use SELECT");
            case "lock" -> plain && !reader.sees("instance") ? Optional.empty() : refused(LOCK);
            case "unlock" ->
                    plain && !reader.sees("instance")
                            ? Optional.empty()
                            : refused("there are no table locks to release");
            case "grant", "revoke" -> refused(AccountAdvice.RIGHTS);
            case "create", "alter", "drop", "rename" -> definition(word, reader);
            case "call" -> plain ? Optional.empty() : refused("send the procedure's statements");
            case "load" -> load(reader, plain);
            case "import" -> refused(LOAD);
            case "start", "stop", "reset", "purge", "change", "install", "uninstall" ->
                    refused(SERVER);
            case "shutdown", "restart", "clone", "binlog" -> refused(SERVER);
            case "flush" -> flush(reader, plain);
            default -> Optional.empty();
        };
    }

    /** MySQL, too, leaves them to accounts with RELOAD or a right made for them. */
    private static Optional<Plan> flush(TokenReader reader, boolean plain) {
        if (!reader.take("no_write_to_binlog")) {
            reader.take("local");
        }
        if (reader.takeAny("tables", "table")) {
            return refused(
                    plain
                            ? "nothing waits to be flushed; for a copy of one moment, mysqldump --single-transaction or LOCK TABLES ... READ"
                            : "nothing waits to be flushed; for a copy of one moment see docs/dumps.md");
        }
        if (reader.takeAny("privileges", "user_resources")) {
            return refused("what is changed of accounts holds at once, on all proxies");
        }
        return refused(
                reader.take("status")
                        ? "a node counts for all its sessions; compare two SHOW STATUS instead"
                        : SERVER);
    }

    /** From the client's side, or an index into a cache. */
    private static Optional<Plan> load(TokenReader reader, boolean plain) {
        if (!plain && !reader.sees("data")) {
            return refused(LOAD);
        }
        if (!reader.takeAny("data", "xml")) {
            return Optional.empty();
        }
        if (!reader.take("low_priority")) {
            reader.take("concurrent");
        }
        return reader.sees("local")
                ? Optional.empty()
                : refused("use LOAD DATA LOCAL INFILE: the file is read where the client runs");
    }

    private static Optional<Plan> definition(String word, TokenReader reader) {
        if (reader.take("user")) {
            return refused(AccountAdvice.ofUser(word));
        }
        if (reader.take("role")) {
            return refused(AccountAdvice.RIGHTS);
        }
        return reader.takeAny("instance", "server", "tablespace", "logfile", "undo")
                ? refused(SERVER)
                : Optional.empty();
    }

    private static Optional<Plan> refused(String advice) {
        return Optional.of(new Plan.Rejected(ErrorCode.NOT_OFFERED, advice));
    }
}
