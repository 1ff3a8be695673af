package io.shardway.router.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One expression of a select list that has no alias: tokens[first,last]. MySQL names its column by
 * its text. Immutable.
 */
record SelectItem(int first, int last) {

    /** MySQL cuts the names it makes itself at this many characters. */
    private static final int NAME_MAX = 256;

    private static final Set<String> MODIFIERS =
            Set.of(
                    "all",
                    "distinct",
                    "distinctrow",
                    "high_priority",
                    "straight_join",
                    "sql_small_result",
                    "sql_big_result",
                    "sql_buffer_result",
                    "sql_no_cache",
                    "sql_calc_found_rows");
    private static final Set<String> LIST_ENDS =
            Set.of(
                    "from",
                    "into",
                    "where",
                    "group",
                    "having",
                    "order",
                    "limit",
                    "union",
                    "except",
                    "intersect",
                    "for",
                    "lock",
                    "window",
                    "on");

    /** Words after which an expression still needs an operand, so what follows is no alias. */
    private static final Set<String> OPERATORS =
            Set.of(
                    "and",
                    "or",
                    "xor",
                    "not",
                    "is",
                    "in",
                    "like",
                    "between",
                    "regexp",
                    "rlike",
                    "div",
                    "mod",
                    "binary",
                    "collate",
                    "escape",
                    "interval",
                    "case",
                    "when",
                    "then",
                    "else",
                    "over",
                    "date",
                    "time",
                    "timestamp",
                    "sounds",
                    "member",
                    "of");

    /** Words that end an expression. */
    private static final Set<String> ENDINGS =
            Set.of("end", "null", "true", "false", "unknown", "current_user");

    private static final Set<String> UNITS =
            Set.of(
                    "microsecond",
                    "second",
                    "minute",
                    "hour",
                    "day",
                    "week",
                    "month",
                    "quarter",
                    "year");

    boolean holdsAnyOf(List<SessionFunctions.Call> calls) {
        return calls.stream().anyMatch(call -> call.first() >= first && call.last() <= last);
    }

    /** Whether a replaced token is in it, and more than a name that stays the column's name. */
    boolean holds(List<Replacement> replacements) {
        return replacements.stream()
                .anyMatch(each ->
                        each.first() >= first
                                && each.first() + each.removed() - 1 <= last
                                && !each.text().isEmpty());
    }

    /** The items without alias of every select list, the inner ones first. */
    static List<SelectItem> unnamedOf(List<Token> tokens, SqlDialect dialect) {
        var items = new ArrayList<SelectItem>();
        var starts = new ArrayDeque<Integer>();
        int start = -1;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            boolean name = i > 0 && tokens.get(i - 1).isOperator(".");
            if (token.isOperator("(")) {
                starts.push(start);
                start = -1;
            } else if (token.isOperator(")")) {
                addUnnamed(items, tokens, start, i, dialect);
                start = starts.isEmpty() ? -1 : starts.pop();
            } else if (token.isOperator(",") && start >= 0) {
                addUnnamed(items, tokens, start, i, dialect);
                start = i + 1;
            } else if (token.isWord("select") && !name) {
                addUnnamed(items, tokens, start, i, dialect);
                start = afterModifiers(tokens, i + 1);
                i = start - 1;
            } else if (start >= 0 && token.kind() == Token.Kind.WORD && !name) {
                if (LIST_ENDS.contains(Keywords.lowerCase(token.text()))) {
                    addUnnamed(items, tokens, start, i, dialect);
                    start = -1;
                }
            }
        }
        addUnnamed(items, tokens, start, tokens.size(), dialect);
        return items;
    }

    /** What names the column as MySQL would have: {@code AS `text`}. */
    static byte[] alias(byte[] text, int start, int end, SqlDialect dialect) {
        var out = new ByteArrayOutputStream(end - start + 8);
        out.writeBytes(" AS `".getBytes(StandardCharsets.US_ASCII));
        int characters = 0;
        for (int i = start; i < end; i++) {
            boolean begins = !dialect.utf8Text() || (text[i] & 0xC0) != 0x80;
            characters += begins ? 1 : 0;
            if (characters > NAME_MAX) {
                break;
            }
            out.write(text[i]);
            if (text[i] == '`') {
                out.write('`');
            }
        }
        out.write('`');
        return out.toByteArray();
    }

    private static int afterModifiers(List<Token> tokens, int from) {
        int i = from;
        while (i < tokens.size()
                && (tokens.get(i).kind() == Token.Kind.HINT
                        || MODIFIERS.contains(Keywords.lowerCase(tokens.get(i).text())))) {
            i++;
        }
        return i;
    }

    private static void addUnnamed(
            List<SelectItem> items, List<Token> tokens, int start, int end, SqlDialect dialect) {
        int last = end - 1;
        while (last > start && tokens.get(last).kind() == Token.Kind.HINT) {
            last--;
        }
        if (start >= 0 && last >= start && !hasAlias(tokens, start, last, dialect)) {
            items.add(new SelectItem(start, last));
        }
    }

    private static boolean hasAlias(List<Token> tokens, int start, int last, SqlDialect dialect) {
        Token token = tokens.get(last);
        boolean string =
                token.kind() == Token.Kind.LITERAL
                        && (token.text().startsWith("'")
                                || (token.text().startsWith("\"") && !dialect.ansiQuotes()));
        if (last == start || !(string || token.isIdentifier())) {
            return false;
        }
        Token before = tokens.get(last - 1);
        if (before.isWord("as")) {
            return true;
        }
        String word = token.kind() == Token.Kind.WORD ? Keywords.lowerCase(token.text()) : "";
        if (ENDINGS.contains(word) || (isUnit(word) && afterInterval(tokens, start, last))) {
            return false;
        }
        return switch (before.kind()) {
            case WORD ->
                    (last - 2 >= start && tokens.get(last - 2).isOperator("."))
                            || !OPERATORS.contains(Keywords.lowerCase(before.text()));
            case OPERATOR -> before.isOperator(")");
            case QUOTED_IDENTIFIER, LITERAL, PARAMETER, SYSTEM_VARIABLE, USER_VARIABLE -> true;
            case HINT -> false;
        };
    }

    private static boolean isUnit(String word) {
        return UNITS.contains(word.substring(word.indexOf('_') + 1));
    }

    /** The unit of an INTERVAL, unless the interval already has one. */
    private static boolean afterInterval(List<Token> tokens, int start, int last) {
        int depth = 0;
        for (int i = last - 1; i >= start; i--) {
            Token token = tokens.get(i);
            depth += token.isOperator(")") ? 1 : token.isOperator("(") ? -1 : 0;
            if (depth == 0 && token.kind() == Token.Kind.WORD) {
                if (token.isWord("interval")) {
                    return true;
                }
                if (isUnit(Keywords.lowerCase(token.text()))) {
                    return false;
                }
            }
        }
        return false;
    }
}
