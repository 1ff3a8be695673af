package io.shardway.router.plan;

import io.shardway.router.sql.SessionFunctions;
import io.shardway.router.sql.Token;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the {@link Traits} of a statement from its tokens, but for what only the planner knows.
 * Stateless.
 */
public final class StatementTraits {

    /** A backend connection that ran one of these holds state for the session. */
    private static final Set<String> PINNING_FUNCTIONS =
            Set.of("get_lock", "release_lock", "release_all_locks");

    private static final Set<String> LAST_INSERT_ID_VARIABLES =
            Set.of("last_insert_id", "identity");

    /** MySQL's manual, "Statements That Cause an Implicit Commit". */
    private static final Set<String> COMMITTING =
            Set.of(
                    "alter",
                    "analyze",
                    "begin",
                    "cache",
                    "change",
                    "check",
                    "create",
                    "drop",
                    "flush",
                    "grant",
                    "import",
                    "install",
                    "load",
                    "lock",
                    "optimize",
                    "rename",
                    "repair",
                    "reset",
                    "revoke",
                    "start",
                    "stop",
                    "truncate",
                    "uninstall",
                    "unlock");

    private StatementTraits() {}

    public static Traits of(List<Token> allTokens) {
        List<Token> tokens =
                allTokens.stream().filter(token -> token.kind() != Token.Kind.HINT).toList();
        var assigned = new LinkedHashSet<String>();
        boolean reads = false;
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == Token.Kind.USER_VARIABLE) {
                boolean target = isTarget(tokens, i) || firstIs(tokens, "load");
                boolean out = firstIs(tokens, "call");
                if (target || out) {
                    assigned.add(tokens.get(i).name().toLowerCase(Locale.ROOT));
                }
                reads |= !target;
            }
        }
        var traits =
                new Traits(
                        readsLastInsertId(tokens),
                        List.copyOf(assigned),
                        reads,
                        SessionFunctions.calledIn(allTokens),
                        commits(tokens),
                        pins(tokens),
                        false,
                        InsertId.KEPT);
        return skipsRows(tokens) ? traits.skipping(true) : traits;
    }

    /** LIMIT m, n or LIMIT n OFFSET m that is not a subquery's; in doubt it is not. */
    private static boolean skipsRows(List<Token> tokens) {
        int depth = 0;
        for (int i = 0; i + 2 < tokens.size(); i++) {
            depth += tokens.get(i).isOperator("(") ? 1 : 0;
            depth -= tokens.get(i).isOperator(")") ? 1 : 0;
            boolean behind =
                    tokens.get(i + 2).isOperator(",") || tokens.get(i + 2).isWord("offset");
            if (tokens.get(i).isWord("limit") && behind && (depth == 0 || firstIs(tokens, "("))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTarget(List<Token> tokens, int i) {
        if (i + 1 < tokens.size() && tokens.get(i + 1).isOperator(":=")) {
            return true;
        }
        int item = i;
        while (item >= 2
                && tokens.get(item - 1).isOperator(",")
                && tokens.get(item - 2).kind() == Token.Kind.USER_VARIABLE) {
            item -= 2;
        }
        if (item > 0 && tokens.get(item - 1).isWord("into")) {
            return true;
        }
        boolean assignment = i + 1 < tokens.size() && tokens.get(i + 1).isOperator("=");
        return assignment && firstIs(tokens, "set") && beginsItem(tokens, i);
    }

    private static boolean beginsItem(List<Token> tokens, int i) {
        int depth = 0;
        for (int j = 0; j < i; j++) {
            depth += tokens.get(j).isOperator("(") ? 1 : 0;
            depth -= tokens.get(j).isOperator(")") ? 1 : 0;
        }
        return depth == 0 && (i == 1 || tokens.get(i - 1).isOperator(","));
    }

    private static boolean readsLastInsertId(List<Token> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (isCall(tokens, i) && token.name().equalsIgnoreCase("last_insert_id")) {
                return true;
            }
            if (token.kind() == Token.Kind.SYSTEM_VARIABLE
                    && LAST_INSERT_ID_VARIABLES.contains(variableName(tokens, i))) {
                return true;
            }
        }
        return false;
    }

    /** Without its scope; there may be blanks around the point. */
    private static String variableName(List<Token> tokens, int i) {
        String name = tokens.get(i).text().substring(2);
        boolean apart = i + 2 < tokens.size() && tokens.get(i + 1).isOperator(".");
        String last = apart ? tokens.get(i + 2).text() : name.substring(name.indexOf('.') + 1);
        return last.replace("`", "").toLowerCase(Locale.ROOT);
    }

    private static boolean commits(List<Token> tokens) {
        if (tokens.isEmpty() || tokens.getFirst().kind() != Token.Kind.WORD) {
            return false;
        }
        if (secondIs(tokens, "temporary") || secondIs(tokens, "prepare")) {
            return false;
        }
        if (firstIs(tokens, "load") && secondIs(tokens, "data")) {
            return false;
        }
        return COMMITTING.contains(tokens.getFirst().text().toLowerCase(Locale.ROOT));
    }

    private static boolean pins(List<Token> tokens) {
        boolean temporary =
                (firstIs(tokens, "create") || firstIs(tokens, "drop"))
                        && secondIs(tokens, "temporary");
        if (temporary || firstIs(tokens, "lock")) {
            return true;
        }
        for (int i = 0; i < tokens.size(); i++) {
            if (isCall(tokens, i)
                    && PINNING_FUNCTIONS.contains(tokens.get(i).name().toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isCall(List<Token> tokens, int i) {
        return tokens.get(i).isIdentifier()
                && i + 1 < tokens.size()
                && tokens.get(i + 1).isOperator("(");
    }

    private static boolean firstIs(List<Token> tokens, String word) {
        return !tokens.isEmpty() && tokens.getFirst().isWord(word);
    }

    private static boolean secondIs(List<Token> tokens, String word) {
        return tokens.size() > 1 && tokens.get(1).isWord(word);
    }
}
