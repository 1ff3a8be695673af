package io.shardway.router.plan;

import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.ServerSchemas;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.Token;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;

/**
 * Statements the parser does not read. MySQL shall answer them itself if they certainly touch
 * nothing of a sharded keyspace: mistyped SQL gets MySQL's own error. Stateless.
 */
final class Unparsed {

    private static final Set<String> WRITES =
            Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH");
    private static final Set<String> BUILT_IN = WordList.load("built-in-functions.txt");
    private static final Set<String> RESERVED = WordList.load("reserved-words.txt");

    /** Commands that change something without naming a table the catalog knows. */
    private static final Set<String> COMMANDS =
            Set.of(
                    "ALTER",
                    "ANALYZE",
                    "BEGIN",
                    "BINLOG",
                    "CACHE",
                    "CALL",
                    "CHANGE",
                    "CHECK",
                    "CHECKSUM",
                    "CLONE",
                    "COMMIT",
                    "CREATE",
                    "DEALLOCATE",
                    "DELIMITER",
                    "DROP",
                    "EXECUTE",
                    "FLUSH",
                    "GET",
                    "GRANT",
                    "HANDLER",
                    "IMPORT",
                    "INSTALL",
                    "KILL",
                    "LOAD",
                    "LOCK",
                    "OPTIMIZE",
                    "PREPARE",
                    "PURGE",
                    "RELEASE",
                    "RENAME",
                    "REPAIR",
                    "RESET",
                    "RESIGNAL",
                    "RESTART",
                    "REVOKE",
                    "ROLLBACK",
                    "SAVEPOINT",
                    "SET",
                    "SHUTDOWN",
                    "SIGNAL",
                    "START",
                    "STOP",
                    "TRUNCATE",
                    "UNINSTALL",
                    "UNLOCK",
                    "USE",
                    "XA");

    private Unparsed() {}

    /** SHOW is not parsed: it reads no rows, unless a SELECT hides in its WHERE. */
    static Plan show(ParsedSql sql, Traits traits) {
        boolean reads =
                sql.tokens().stream()
                        .anyMatch(token ->
                                token.getType() == MySQLStatementLexer.SELECT
                                        || token.getType() == MySQLStatementLexer.SEMI_
                                                && isFollowed(sql, token));
        if (reads) {
            throw PlanRejection.notUnderstood("SHOW with a subquery");
        }
        return new Plan.OnDefaultShard(Access.READ, traits);
    }

    private static boolean isFollowed(ParsedSql sql, Token semicolon) {
        return sql.tokens().get(semicolon.getTokenIndex() + 1).getType() != Token.EOF;
    }

    static Plan plan(ParsedSql sql, TableResolver tables) {
        List<Token> tokens =
                sql.tokens().stream()
                        .filter(token -> token.getChannel() == Token.DEFAULT_CHANNEL)
                        .filter(token -> token.getType() != Token.EOF)
                        .toList();
        if (tokens.isEmpty()) {
            return new Plan.OnDefaultShard(Access.READ, Traits.NONE);
        }
        String first = upper(tokens.getFirst());
        boolean touches =
                COMMANDS.contains(first)
                        || namesSharded(tokens, tables.catalog())
                        || callsUnknown(tokens);
        if (touches || tokens.stream().anyMatch(Unparsed::isUncertain)) {
            throw PlanRejection.notUnderstood(
                    sql.problem().isEmpty() ? first : first + " " + sql.problem());
        }
        boolean writes = WRITES.contains(first);
        noteNeeds(writes ? Access.WRITE : Access.LOCKING_READ, tokens, tables);
        return writes
                ? new Plan.OnDefaultShard(Access.WRITE, Traits.NONE.planned(true, InsertId.UNCLEAR))
                : new Plan.OnDefaultShard(Access.LOCKING_READ, Traits.NONE);
    }

    /** No name is qualified: all are of the current keyspace. */
    private static void noteNeeds(Access access, List<Token> tokens, TableResolver tables) {
        String keyspace = tables.currentKeyspace();
        boolean writes =
                access == Access.WRITE
                        || tokens.stream()
                                .anyMatch(token -> token.getType() == MySQLStatementLexer.UPDATE);
        if (ServerSchemas.isMySqls(keyspace)) {
            tables.needs().readsSystem(keyspace, "");
        } else if (!keyspace.isEmpty()) {
            tables.needs().reads(keyspace);
            if (writes) {
                tables.needs().writes(keyspace);
            }
        }
    }

    private static boolean namesSharded(List<Token> tokens, Catalog catalog) {
        Set<String> names =
                catalog.sharded().values().stream()
                        .flatMap(schema -> schema.names().stream())
                        .map(name -> name.toUpperCase(Locale.ROOT))
                        .collect(Collectors.toCollection(HashSet::new));
        catalog.sharded().keySet().forEach(name -> names.add(name.toUpperCase(Locale.ROOT)));
        return tokens.stream().anyMatch(token -> names.contains(upper(token)));
    }

    private static boolean callsUnknown(List<Token> tokens) {
        for (int index = 0; index + 1 < tokens.size(); index++) {
            Token token = tokens.get(index);
            boolean call = tokens.get(index + 1).getType() == MySQLStatementLexer.LP_;
            boolean word = Character.isLetter(upper(token).charAt(0));
            boolean quoted = token.getText().startsWith("`");
            if (call
                    && (quoted || word)
                    && !BUILT_IN.contains(upper(token).toLowerCase(Locale.ROOT))
                    && !RESERVED.contains(upper(token))) {
                return true;
            }
        }
        return false;
    }

    /** Files, and qualified names: schemas that no keyspace knows are nobody's business. */
    private static boolean isUncertain(Token token) {
        String word = upper(token);
        return word.startsWith(".")
                || word.equals("OUTFILE")
                || word.equals("DUMPFILE")
                || word.equals("INFILE");
    }

    private static String upper(Token token) {
        String text = token.getText();
        boolean isText = text.startsWith("'") || text.startsWith("\"");
        String name = isText ? text : Names.unquoted(text);
        return name.isEmpty() ? text : name.toUpperCase(Locale.ROOT);
    }
}
