package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Plans the statements of a session whose current keyspace is plain, from their tokens alone: all
 * of them are relayed, but for those that belong to the session, and those that no keyspace offers.
 * Stateless.
 */
public final class PlainStatements {

    private static final Set<String> READS =
            Set.of(
                    "select",
                    "show",
                    "desc",
                    "describe",
                    "explain",
                    "with",
                    "table",
                    "values",
                    "help",
                    "checksum");

    private PlainStatements() {}

    /** What is neither the session's own statement nor refused. */
    static Plan plan(List<Token> tokens, String keyspace) {
        Traits traits = PlainTraits.of(tokens);
        Optional<StoredObject> stored = StoredObject.find(tokens);
        if (stored.isPresent()) {
            return stored.get()
                    .obstacle(keyspace)
                    .<Plan>map(PlainStatements::refused)
                    .orElseGet(() -> new Plan.Stored(keyspace, stored.get().access(), traits));
        }
        if (showsDatabase(tokens)) {
            String shown = tokens.getLast().name();
            return new Plan.Plain(shown, Access.READ, traits);
        }
        return new Plan.Plain(keyspace, access(tokens, traits), traits);
    }

    /** A text that our lexer may read in another way than MySQL: state it leaves is kept. */
    static Plan malformed(String keyspace) {
        return new Plan.Plain(
                keyspace,
                Access.WRITE,
                new Traits(true, List.of(), true, false, false, true, true, InsertId.UNCLEAR));
    }

    private static boolean showsDatabase(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        return reader.take("show", "create")
                && reader.takeAny("database", "schema")
                && (reader.take("if", "not", "exists") || !reader.sees("if"))
                && reader.takeName().isPresent()
                && reader.atEnd();
    }

    /** A statement that may call a routine may write. */
    private static Access access(List<Token> tokens, Traits traits) {
        String first = tokens.isEmpty() ? "" : tokens.getFirst().text().toLowerCase(Locale.ROOT);
        if (first.startsWith("(")) {
            first = "select";
        }
        boolean reads = READS.contains(first) && !PlainTraits.callsUnknown(tokens);
        if (!reads) {
            return Access.WRITE;
        }
        if (first.equals("with") && tokens.stream().anyMatch(PlainStatements::writes)) {
            return Access.WRITE;
        }
        boolean locks =
                traits.pins()
                        || tokens.stream().anyMatch(token -> token.isWord("share"))
                        || follows(tokens, "for", "update")
                        || follows(tokens, "for", "share")
                        || follows(tokens, "explain", "analyze");
        return locks ? Access.LOCKING_READ : Access.READ;
    }

    private static boolean writes(Token token) {
        return token.isWord("update") || token.isWord("delete");
    }

    static boolean follows(List<Token> tokens, String first, String second) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord(first) && tokens.get(i + 1).isWord(second)) {
                return true;
            }
        }
        return false;
    }

    private static Plan refused(String advice) {
        return new Plan.Rejected(ErrorCode.NOT_OFFERED, advice);
    }
}
