package io.shardway.router.plan;

import io.shardway.router.sql.Token;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a statement relayed without parsing may leave behind on its connection. Where routines can
 * be called, more than {@link StatementTraits} sees may happen. Stateless.
 */
final class PlainTraits {

    private static final Set<String> BUILT_IN = WordList.load("built-in-functions.txt");
    private static final Set<String> RESERVED = WordList.load("reserved-words.txt");

    /** Statements that keep something on the connection, or run what does. */
    private static final Set<String> PINNING =
            Set.of("call", "handler", "lock", "prepare", "execute", "deallocate");

    /** They may insert rows, or run what does. */
    private static final Set<String> INSERTING =
            Set.of("insert", "replace", "load", "call", "execute", "with", "create", "update");

    /** They read tables only where FROM says so. */
    private static final Set<String> TABLELESS =
            Set.of("select", "(", "set", "do", "help", "prepare", "deallocate");

    /** In these a name before a parenthesis can be a function that somebody wrote. */
    private static final Set<String> EVALUATING =
            Set.of(
                    "select",
                    "insert",
                    "replace",
                    "update",
                    "delete",
                    "with",
                    "do",
                    "set",
                    "values",
                    "table",
                    "explain",
                    "describe",
                    "desc",
                    "load",
                    "handler",
                    "(");

    /** Not reserved, but never a function where a parenthesis follows. */
    private static final Set<String> NO_FUNCTIONS =
            Set.of(
                    "any",
                    "some",
                    "row",
                    "against",
                    "value",
                    "duplicate",
                    "offset",
                    "end",
                    "escape",
                    "json_table",
                    "lateral",
                    "over",
                    "signed",
                    "share",
                    "unknown",
                    "datetime",
                    "time",
                    "text",
                    "local",
                    "data",
                    "cross",
                    "within",
                    "first",
                    "names",
                    "at",
                    "member",
                    "of",
                    "geometry",
                    "nchar",
                    "bit");

    private PlainTraits() {}

    static Traits of(List<Token> allTokens) {
        List<Token> tokens =
                allTokens.stream().filter(token -> token.kind() != Token.Kind.HINT).toList();
        Traits plain = StatementTraits.of(allTokens);
        String first = first(tokens);
        boolean calls = callsUnknown(tokens);
        var assigned = new LinkedHashSet<>(plain.assignedVariables());
        if (first.equals("load")) {
            tokens.stream()
                    .filter(token -> token.kind() == Token.Kind.USER_VARIABLE)
                    .forEach(token -> assigned.add(token.name().toLowerCase(Locale.ROOT)));
        }
        boolean loadsRows = first.equals("load") && !tokens.get(1).isWord("index");
        boolean pins = plain.pins() || calls || PINNING.contains(first);
        var traits =
                new Traits(
                        plain.lastInsertId()
                                || calls
                                || first.equals("call")
                                || first.equals("execute"),
                        List.copyOf(assigned),
                        plain.readsVariables(),
                        plain.sessionFunctions(),
                        plain.implicitCommit() && !loadsRows,
                        pins,
                        touchesTables(tokens, first, calls),
                        INSERTING.contains(first) || calls ? InsertId.UNCLEAR : InsertId.KEPT);
        return traits.skipping(plain.skipsRows());
    }

    private static boolean touchesTables(List<Token> tokens, String first, boolean calls) {
        if (first.equals("show") && tokens.stream().noneMatch(token -> token.isWord("select"))) {
            return ShowReader.readsTables(new TokenReader(tokens));
        }
        boolean named =
                tokens.stream().anyMatch(token -> token.isWord("from") || token.isWord("table"));
        return named || calls || !TABLELESS.contains(first);
    }

    private static String first(List<Token> tokens) {
        return tokens.isEmpty() ? "" : tokens.getFirst().text().toLowerCase(Locale.ROOT);
    }

    /** Whether a function may be called that MySQL does not bring along. */
    static boolean callsUnknown(List<Token> tokens) {
        if (!EVALUATING.contains(first(tokens))) {
            return false;
        }
        int columns = columnListOf(tokens);
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (i + 1 != columns
                    && tokens.get(i + 1).isOperator("(")
                    && tokens.get(i).isIdentifier()
                    && isUnknown(tokens, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUnknown(List<Token> tokens, int i) {
        Token token = tokens.get(i);
        boolean qualified = i > 0 && tokens.get(i - 1).isOperator(".");
        if (qualified || token.kind() == Token.Kind.QUOTED_IDENTIFIER) {
            return !isNameOfList(tokens, i);
        }
        String word = token.text().toLowerCase(Locale.ROOT);
        return !BUILT_IN.contains(word)
                && !RESERVED.contains(word.toUpperCase(Locale.ROOT))
                && !RESERVED.contains(word)
                && !NO_FUNCTIONS.contains(word)
                && !isNameOfList(tokens, i);
    }

    /** WITH name (columns) AS, AS name (columns), USE INDEX (names). */
    private static boolean isNameOfList(List<Token> tokens, int i) {
        if (i == 0) {
            return false;
        }
        Token before = tokens.get(i - 1);
        boolean named =
                before.isWord("with")
                        || before.isWord("recursive")
                        || before.isWord("as")
                        || before.isWord("table");
        boolean another = before.isOperator(",") && isFollowedByAs(tokens, i + 1);
        return named || another;
    }

    private static boolean isFollowedByAs(List<Token> tokens, int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            depth += tokens.get(i).isOperator("(") ? 1 : 0;
            depth -= tokens.get(i).isOperator(")") ? 1 : 0;
            if (depth == 0) {
                return i + 2 < tokens.size()
                        && tokens.get(i + 1).isWord("as")
                        && tokens.get(i + 2).isOperator("(");
            }
        }
        return false;
    }

    /** Where the column list of an INSERT or REPLACE begins; -1 if there is none. */
    private static int columnListOf(List<Token> tokens) {
        int i = 0;
        while (i < tokens.size()
                && !tokens.get(i).isWord("insert")
                && !tokens.get(i).isWord("replace")) {
            if (i > 0 && !tokens.getFirst().isWord("explain")) {
                return -1;
            }
            i++;
        }
        i++;
        while (i < tokens.size()
                && Set.of("low_priority", "delayed", "high_priority", "ignore", "into")
                        .contains(tokens.get(i).text().toLowerCase(Locale.ROOT))) {
            i++;
        }
        i++;
        while (i + 1 < tokens.size() && tokens.get(i).isOperator(".")) {
            i += 2;
        }
        return i < tokens.size() && tokens.get(i).isOperator("(") ? i : -1;
    }
}
