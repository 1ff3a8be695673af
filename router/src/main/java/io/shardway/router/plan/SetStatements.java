package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Charsets;
import io.shardway.router.sql.Token;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kinds of SET do. Stateless.
 *
 * <p>A SET of no form that MySQL's grammar knows goes to MySQL for its own syntax error, the way
 * every SET of variables goes there: were it accepted after all, its tracking would tell.
 */
final class SetStatements {

    private static final Set<String> CHARSET_VARIABLES =
            Set.of("character_set_client", "character_set_connection");

    private static final Set<String> NEXT_TRANSACTION_VARIABLES =
            Set.of(
                    "transaction_isolation",
                    "transaction_read_only",
                    "tx_isolation",
                    "tx_read_only");

    private static final Set<String> ID_STEPS =
            Set.of("auto_increment_increment", "auto_increment_offset");

    private static final Set<String> REFUSED_VARIABLES =
            Set.of(
                    "insert_id",
                    "last_insert_id",
                    "identity",
                    "pseudo_thread_id",
                    "pseudo_slave_mode",
                    "pseudo_replica_mode",
                    "sql_log_bin",
                    "gtid_next",
                    "gtid_next_list");

    /** What a node would track of its own, which is not the session's. */
    private static final Set<String> NOT_TRACKED =
            Set.of(
                    "session_track_gtids",
                    "session_track_state_change",
                    "session_track_transaction_info");

    private static final Set<String> OFF = Set.of("off", "0", "false", "default", "'off'", "'0'");

    private static final Pattern SIMPLE_NAME = Pattern.compile("(['\"`]?)([A-Za-z]\\w*)\\1");

    private SetStatements() {}

    /** The reader stands after SET. */
    static Plan plan(TokenReader reader, boolean plain) {
        if (reader.take("transaction")) {
            return nextTransaction(reader);
        }
        if (reader.sees("password")) {
            return refused(AccountAdvice.PASSWORD);
        }
        if (reader.sees("role") || reader.sees("default", "role")) {
            return refused(AccountAdvice.RIGHTS);
        }
        if (reader.sees("resource", "group")) {
            return refused("log in to the node itself for the server's own affairs");
        }
        if (reader.take("session", "transaction") || reader.take("local", "transaction")) {
            var _ = characteristics(reader); // MySQL says so if there is none.
            return carriedOut(false, List.of());
        }
        return variables(reader, plain);
    }

    private static Plan carriedOut(boolean autocommit, List<String> userVariables) {
        return new Plan.Control(new SessionCommand.SetVariables(autocommit, userVariables));
    }

    private static Plan nextTransaction(TokenReader reader) {
        return characteristics(reader)
                .<Plan>map(text -> new Plan.Control(new SessionCommand.SetNextTransaction(text)))
                .orElseGet(() -> carriedOut(false, List.of()));
    }

    /** Canonical text; at most one level and one access mode, as MySQL has it. */
    private static Optional<String> characteristics(TokenReader reader) {
        var parts = new ArrayList<String>();
        do {
            Optional<String> part =
                    reader.take("isolation", "level") ? level(reader) : accessMode(reader);
            if (part.isEmpty()) {
                return Optional.empty();
            }
            parts.add(part.get());
        } while (reader.takeOperator(","));
        boolean twice =
                parts.size() > 1
                        && parts.get(0).startsWith("READ ") == parts.get(1).startsWith("READ ");
        return reader.atEnd() && parts.size() <= 2 && !twice
                ? Optional.of(String.join(", ", parts))
                : Optional.empty();
    }

    private static Optional<String> level(TokenReader reader) {
        if (reader.take("read", "committed")) {
            return Optional.of("ISOLATION LEVEL READ COMMITTED");
        }
        if (reader.take("read", "uncommitted")) {
            return Optional.of("ISOLATION LEVEL READ UNCOMMITTED");
        }
        if (reader.take("repeatable", "read")) {
            return Optional.of("ISOLATION LEVEL REPEATABLE READ");
        }
        return reader.take("serializable")
                ? Optional.of("ISOLATION LEVEL SERIALIZABLE")
                : Optional.empty();
    }

    private static Optional<String> accessMode(TokenReader reader) {
        if (reader.take("read", "only")) {
            return Optional.of("READ ONLY");
        }
        return reader.take("read", "write") ? Optional.of("READ WRITE") : Optional.empty();
    }

    private static Plan variables(TokenReader reader, boolean plain) {
        var userVariables = new ArrayList<String>();
        boolean autocommit = false;
        do {
            List<Token> tokens = reader.takeItem();
            switch (SetItem.of(tokens)) {
                case SetItem.UserVariable(var name) -> userVariables.add(name);
                case SetItem.Charset(var value) -> {
                    Optional<Plan> problem = charsetProblem(value);
                    if (problem.isPresent()) {
                        return problem.get();
                    }
                }
                case SetItem.Variable variable -> {
                    Optional<Plan> problem = problemOf(variable, plain);
                    if (problem.isPresent()) {
                        return problem.get();
                    }
                    autocommit |= variable.name().equals("autocommit");
                }
                case SetItem.Unknown _ -> userVariables.addAll(userVariablesOf(tokens));
            }
            if (!plain && readsTables(tokens)) {
                return refused("SELECT the value first, then SET it");
            }
        } while (!reader.atEnd());
        return carriedOut(autocommit, userVariables);
    }

    private static List<String> userVariablesOf(List<Token> tokens) {
        return tokens.stream()
                .filter(token -> token.kind() == Token.Kind.USER_VARIABLE)
                .map(token -> token.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static Optional<Plan> problemOf(SetItem.Variable variable, boolean plain) {
        String name = variable.name();
        return switch (variable.scope()) {
            case GLOBAL -> Optional.of(refused("global variables are set on the nodes"));
            case NONE_WITH_AT_SIGNS ->
                    NEXT_TRANSACTION_VARIABLES.contains(name)
                            ? Optional.of(refused("write SET SESSION or SET TRANSACTION"))
                            : problemOf(name, variable.value(), plain);
            case NONE, SESSION -> problemOf(name, variable.value(), plain);
        };
    }

    private static Optional<Plan> problemOf(String name, List<Token> value, boolean plain) {
        if (ID_STEPS.contains(name)) {
            return Optional.of(
                    refused(
                            plain
                                    ? "MySQL leaves it to accounts with SESSION_VARIABLES_ADMIN: give the ids, or use ALTER TABLE ... AUTO_INCREMENT = n"
                                    : "ids step by the keyspace's stride, so that no two shards draw the same"));
        }
        if (REFUSED_VARIABLES.contains(name)) {
            return Optional.of(refused(name + " belongs to one server connection"));
        }
        if (name.equals("completion_type") && !isPlainCompletion(value)) {
            return Optional.of(
                    refused("completion_type: write COMMIT AND CHAIN or COMMIT RELEASE"));
        }
        if (NOT_TRACKED.contains(name) && !isOff(value)) {
            return Optional.of(
                    refused(name + ": write OFF; a session's transactions span several servers"));
        }
        return CHARSET_VARIABLES.contains(name) ? charsetProblem(value) : Optional.empty();
    }

    private static boolean isPlainCompletion(List<Token> value) {
        return value.size() == 1
                && (value.getFirst().isWord("no_chain") || value.getFirst().isWord("default"));
    }

    private static boolean isOff(List<Token> value) {
        return value.size() == 1
                && OFF.contains(
                        value.getFirst().text().toLowerCase(Locale.ROOT).replace('"', '\''));
    }

    /** The session variables that a SET assigns, by name; the reader stands after SET. */
    static Set<String> assigned(TokenReader reader) {
        var names = new LinkedHashSet<String>();
        while (!reader.atEnd()) {
            switch (SetItem.of(reader.takeItem())) {
                case SetItem.Variable variable -> names.add(variable.name());
                case SetItem.Charset _ ->
                        names.addAll(List.of("character_set_client", "character_set_results"));
                case SetItem.UserVariable _, SetItem.Unknown _ -> {}
            }
        }
        return names;
    }

    /** A variable's value is known only to the backend, whose tracking tells the session. */
    private static Optional<Plan> charsetProblem(List<Token> value) {
        Token first = value.getFirst();
        boolean variable =
                first.kind() == Token.Kind.USER_VARIABLE
                        || first.kind() == Token.Kind.SYSTEM_VARIABLE;
        if (variable && value.size() == 1) {
            return Optional.empty();
        }
        boolean collate = value.size() == 3 && value.get(1).isWord("collate");
        Optional<String> name = simpleName(first);
        if (name.isEmpty() || (value.size() != 1 && !collate)) {
            return Optional.of(SessionStatements.notUnderstood("name the character set"));
        }
        return Charsets.isUnreadable(name.get())
                ? Optional.of(refused("use utf8mb4 for this connection, not " + name.get()))
                : Optional.empty();
    }

    /** A name in any quotes or none; no escapes, no adjacent strings, no numbers. */
    private static Optional<String> simpleName(Token token) {
        boolean possible = token.isIdentifier() || token.kind() == Token.Kind.LITERAL;
        Matcher matcher = SIMPLE_NAME.matcher(token.text());
        return possible && matcher.matches()
                ? Optional.of(matcher.group(2).toLowerCase(Locale.ROOT))
                : Optional.empty();
    }

    private static boolean readsTables(List<Token> tokens) {
        return tokens.stream().anyMatch(token -> token.isWord("from") || token.isWord("table"));
    }

    private static Plan refused(String advice) {
        return new Plan.Rejected(ErrorCode.NOT_OFFERED, advice);
    }
}
