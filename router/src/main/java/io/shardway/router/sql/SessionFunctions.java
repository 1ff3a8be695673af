package io.shardway.router.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Writes the session's own values into a statement in place of the functions that a backend
 * connection would answer for itself: CONNECTION_ID(), USER() and its synonyms, CURRENT_USER,
 * ROW_COUNT(), FOUND_ROWS(), {@code @@pseudo_thread_id} and the client's timeouts. Stateless.
 *
 * <p>A number becomes {@code CAST(5 AS UNSIGNED)}, never a bare 5, which would be an ordinal after
 * ORDER BY; a text stands in parentheses, so that it does not melt with a string beside it.
 * Definitions (CREATE VIEW, DEFAULT (USER()), ...) and accounts are left as they are: there the
 * function is evaluated later, or is no function.
 */
public final class SessionFunctions {

    private static final Set<String> EVALUATED_AT_ONCE =
            Set.of(
                    "select",
                    "insert",
                    "replace",
                    "update",
                    "delete",
                    "with",
                    "values",
                    "table",
                    "do",
                    "set",
                    "call",
                    "explain",
                    "describe",
                    "desc");
    private static final Set<String> NAME_FOLLOWS =
            Set.of(
                    "as",
                    "into",
                    "insert",
                    "replace",
                    "ignore",
                    "delayed",
                    "low_priority",
                    "high_priority",
                    "with",
                    "recursive",
                    "table");
    private static final Set<String> QUOTABLE = Set.of("connection_id", "found_rows");

    private SessionFunctions() {}

    /** One call, tokens[first,last]. */
    record Call(Function function, int first, int last) {}

    enum Function {
        CONNECTION_ID,
        USER,
        CURRENT_USER,
        ROW_COUNT,
        FOUND_ROWS,
        WAIT_TIMEOUT,
        INTERACTIVE_TIMEOUT
    }

    /** Whether the statement calls such a function where {@link #substitute} would replace it. */
    public static boolean calledIn(List<Token> tokens) {
        return !calls(tokens).isEmpty();
    }

    /** The first statement of text[from,to) with the values written in. */
    public static byte[] substitute(
            byte[] text, int from, int to, SqlDialect dialect, SessionValues values) {
        List<Token> tokens = Tokens.of(text, from, to, dialect);
        List<Call> calls = calls(tokens);
        List<SelectItem> items = SelectItem.unnamedOf(tokens, dialect);
        var out = new ByteArrayOutputStream(to - from + 64 * calls.size());
        int copied = from;
        int next = 0;
        for (int i = 0; i < tokens.size(); i++) {
            if (next < calls.size() && calls.get(next).first() == i) {
                Call call = calls.get(next++);
                out.write(text, copied, tokens.get(i).start() - copied);
                i = call.last();
                copied = tokens.get(i).end();
                out.writeBytes(valueOf(call.function(), values, dialect));
            }
            for (SelectItem item : items) {
                if (item.last() == i && item.holdsAnyOf(calls)) {
                    int end = tokens.get(i).end();
                    out.write(text, copied, end - copied);
                    copied = end;
                    int start = tokens.get(item.first()).start();
                    out.writeBytes(SelectItem.alias(text, start, end, dialect));
                }
            }
        }
        out.write(text, copied, to - copied);
        return out.toByteArray();
    }

    private static List<Call> calls(List<Token> tokens) {
        var calls = new ArrayList<Call>();
        for (int i = firstEvaluated(tokens); i < tokens.size(); i++) {
            Optional<Call> call = callAt(tokens, i);
            if (call.isPresent()) {
                calls.add(call.get());
                i = call.get().last();
            }
        }
        return calls;
    }

    /** In CREATE TABLE ... SELECT only the SELECT is evaluated now. */
    private static int firstEvaluated(List<Token> tokens) {
        int i = 0;
        while (i < tokens.size()
                && (tokens.get(i).isOperator("(") || tokens.get(i).kind() == Token.Kind.HINT)) {
            i++;
        }
        if (i == tokens.size()) {
            return i;
        }
        if (EVALUATED_AT_ONCE.contains(Keywords.lowerCase(tokens.get(i).text()))) {
            return i;
        }
        boolean table =
                tokens.get(i).isWord("create")
                        && tokens.size() > i + 2
                        && (tokens.get(i + 1).isWord("table")
                                || (tokens.get(i + 1).isWord("temporary")
                                        && tokens.get(i + 2).isWord("table")));
        while (table && i < tokens.size() && !tokens.get(i).isWord("select")) {
            i++;
        }
        return table ? i : tokens.size();
    }

    private static Optional<Call> callAt(List<Token> tokens, int i) {
        Token token = tokens.get(i);
        if (token.kind() == Token.Kind.SYSTEM_VARIABLE) {
            return variableAt(tokens, i);
        }
        boolean qualified = i > 0 && tokens.get(i - 1).isOperator(".");
        if (!token.isIdentifier() || qualified || isName(tokens, i)) {
            return Optional.empty();
        }
        String name = Keywords.lowerCase(token.name());
        boolean called =
                i + 2 < tokens.size()
                        && tokens.get(i + 1).isOperator("(")
                        && tokens.get(i + 2).isOperator(")");
        if (token.kind() == Token.Kind.QUOTED_IDENTIFIER && !QUOTABLE.contains(name)) {
            return Optional.empty();
        }
        boolean column = i + 1 < tokens.size() && tokens.get(i + 1).isOperator(".");
        if (!called && (!name.equals("current_user") || column)) {
            return Optional.empty();
        }
        return functionOf(name).map(function -> new Call(function, i, called ? i + 2 : i));
    }

    /** Whether the word before makes it the name of a table or a column. */
    private static boolean isName(List<Token> tokens, int i) {
        return i > 0
                && tokens.get(i - 1).kind() == Token.Kind.WORD
                && NAME_FOLLOWS.contains(Keywords.lowerCase(tokens.get(i - 1).text()));
    }

    private static Optional<Function> functionOf(String name) {
        return switch (name) {
            case "connection_id" -> Optional.of(Function.CONNECTION_ID);
            case "user", "session_user", "system_user" -> Optional.of(Function.USER);
            case "current_user" -> Optional.of(Function.CURRENT_USER);
            case "row_count" -> Optional.of(Function.ROW_COUNT);
            case "found_rows" -> Optional.of(Function.FOUND_ROWS);
            default -> Optional.empty();
        };
    }

    /** The variable's name and its scope may be quoted, with blanks around the point. */
    private static Optional<Call> variableAt(List<Token> tokens, int i) {
        var name = new StringBuilder(tokens.get(i).text());
        int last = i;
        while (last + 2 < tokens.size()
                && tokens.get(last + 1).isOperator(".")
                && tokens.get(last + 2).isIdentifier()) {
            last += 2;
            name.append('.').append(tokens.get(last).text());
        }
        return switch (Keywords.lowerCase(name.toString()).replace("`", "")) {
            case "@@pseudo_thread_id", "@@session.pseudo_thread_id", "@@local.pseudo_thread_id" ->
                    Optional.of(new Call(Function.CONNECTION_ID, i, last));
            case "@@wait_timeout", "@@session.wait_timeout", "@@local.wait_timeout" ->
                    Optional.of(new Call(Function.WAIT_TIMEOUT, i, last));
            case "@@interactive_timeout",
                    "@@session.interactive_timeout",
                    "@@local.interactive_timeout" ->
                    Optional.of(new Call(Function.INTERACTIVE_TIMEOUT, i, last));
            default -> Optional.empty();
        };
    }

    private static byte[] valueOf(Function function, SessionValues values, SqlDialect dialect) {
        String sql =
                switch (function) {
                    case CONNECTION_ID ->
                            "CAST("
                                    + Long.toUnsignedString(values.connectionId())
                                    + " AS UNSIGNED)";
                    case USER -> quoted(values.user(), dialect);
                    case CURRENT_USER -> quoted(values.currentUser(), dialect);
                    case ROW_COUNT -> "CAST(" + values.rowCount() + " AS SIGNED)";
                    case FOUND_ROWS -> "CAST(" + values.foundRows() + " AS SIGNED)";
                    case WAIT_TIMEOUT -> timeout(values.waitTimeout(), "@@SESSION.wait_timeout");
                    case INTERACTIVE_TIMEOUT ->
                            timeout(values.interactiveTimeout(), "@@SESSION.interactive_timeout");
                };
        return sql.getBytes(StandardCharsets.UTF_8);
    }

    /** The node's own value while the client set none. */
    private static String timeout(OptionalLong seconds, String otherwise) {
        return seconds.isPresent() ? "CAST(" + seconds.getAsLong() + " AS UNSIGNED)" : otherwise;
    }

    /** What could be misread in some dialect is spelled in hex. */
    private static String quoted(String value, SqlDialect dialect) {
        boolean plain =
                value.chars()
                        .allMatch(c ->
                                c >= ' '
                                        && c != '\''
                                        && c != '\\'
                                        && (c < 0x7F || (c > 0x9F && dialect.utf8Text())));
        return plain
                ? "('" + value + "')"
                : "(_utf8mb4 x'"
                        + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8))
                        + "')";
    }
}
