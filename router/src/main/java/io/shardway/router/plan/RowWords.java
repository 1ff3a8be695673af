package io.shardway.router.plan;

import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tells whether all that a statement says of its rows can be said of each row by itself, on
 * whatever shard it is. An allow-list: what is not known is not. Stateless.
 */
final class RowWords {

    private static final Set<String> BEFORE_PARENTHESES = WordList.load("row-functions.txt");

    /** Time, chance, and what is about several rows or another query. */
    private static final Set<String> NEVER =
            Set.of(
                    "current_date",
                    "current_time",
                    "current_timestamp",
                    "current_user",
                    "localtime",
                    "localtimestamp",
                    "utc_date",
                    "utc_time",
                    "utc_timestamp",
                    "distinct",
                    "distinctrow",
                    "sql_calc_found_rows",
                    "having",
                    "window",
                    "over",
                    "rollup",
                    "union",
                    "except",
                    "intersect",
                    "with",
                    "into",
                    "for",
                    "lock",
                    "procedure",
                    "match",
                    "partition",
                    "table",
                    "values",
                    "exists",
                    "all",
                    "any",
                    "some",
                    "escape");

    private static final Set<String> COMPARISONS =
            Set.of("=", "<", ">", "<=", ">=", "<>", "!=", "<=>");
    private static final Set<String> NUMBERS =
            Set.of(
                    "tinyint",
                    "smallint",
                    "mediumint",
                    "int",
                    "bigint",
                    "decimal",
                    "float",
                    "double",
                    "year",
                    "bit");

    private RowWords() {}

    /** Of a text that is no number MySQL warns once, when it prepares; the shards would each. */
    static boolean comparesNumberWithText(ParserText text, TableUse use) {
        return comparesNumberWithText(
                text.tokens(),
                value -> text.literals().kind(value.literalIndex()) == LiteralKind.STRING,
                column -> use.column(column).filter(RowWords::isNumber).isPresent());
    }

    /**
     * @param isText of a literal
     * @param isNumber of a column's name
     */
    static boolean comparesNumberWithText(
            List<Token> tokens, Predicate<Token> isText, Predicate<String> isNumber) {
        for (int at = 1; at < tokens.size() - 1; at++) {
            if (tokens.get(at).kind() == Token.Kind.OPERATOR
                    && COMPARISONS.contains(tokens.get(at).text())) {
                Token left = tokens.get(at - 1);
                Token right = tokens.get(at + 1);
                if (isPair(left, right, isText, isNumber)
                        || isPair(right, left, isText, isNumber)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isPair(
            Token column, Token value, Predicate<Token> isText, Predicate<String> isNumber) {
        return value.kind() == Token.Kind.LITERAL
                && column.isIdentifier()
                && isText.test(value)
                && isNumber.test(column.name());
    }

    static boolean isNumber(ColumnSchema column) {
        return NUMBERS.contains(column.dataType().toLowerCase(Locale.ROOT));
    }

    /**
     * @param others tokens that are known otherwise
     */
    static boolean areAll(List<Token> tokens, Set<Integer> others) {
        for (int at = 0; at < tokens.size(); at++) {
            Token token = tokens.get(at);
            boolean called = at + 1 < tokens.size() && tokens.get(at + 1).isOperator("(");
            boolean known =
                    switch (token.kind()) {
                        case WORD -> isKnown(token.text(), called) || others.contains(at);
                        case QUOTED_IDENTIFIER -> !called;
                        // SET_VAR in a hint was refused before.
                        case LITERAL, PARAMETER, OPERATOR, HINT -> true;
                        case SYSTEM_VARIABLE, USER_VARIABLE -> false;
                    };
            if (!known) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKnown(String written, boolean called) {
        String word = written.toLowerCase(Locale.ROOT);
        return called ? BEFORE_PARENTHESES.contains(word) : !NEVER.contains(word);
    }
}
