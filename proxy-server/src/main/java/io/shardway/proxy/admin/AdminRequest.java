package io.shardway.proxy.admin;

import io.shardway.proxy.settings.Spelling;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An admin statement, read. Immutable.
 *
 * @param like matches everything unless LIKE was given
 * @param explained the statement after EXPLAIN, else empty
 */
record AdminRequest(AdminStatement statement, LikePattern like, String explained) {

    private static final String FIRST_WORD = "SHARDWAY";

    /** All but EXPLAIN are short; regular expressions recurse on long ones. */
    private static final int LENGTH_MAX = 1_000;

    private static final Pattern EXPLAIN =
            Pattern.compile("\\s+EXPLAIN\\s+(.+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern LIKE =
            Pattern.compile(
                    "(.*?)\\s+LIKE\\s+'((?:[^'\\\\]|''|\\\\.)*)'",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Throws ADMIN_SYNTAX, naming the nearest statement. */
    static AdminRequest read(String sql) {
        int begin = Blanks.skip(sql, 0);
        int end = begin + FIRST_WORD.length();
        if (!sql.regionMatches(true, begin, FIRST_WORD, 0, FIRST_WORD.length())
                || (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end)))) {
            throw new ShardwayException(ErrorCode.ADMIN_SYNTAX, "it does not begin with SHARDWAY");
        }
        String rest = withoutSemicolon(sql.substring(end));
        Matcher explain = EXPLAIN.matcher(rest);
        if (explain.matches()) {
            return new AdminRequest(
                    AdminStatement.EXPLAIN, LikePattern.EVERYTHING, explain.group(1).strip());
        }
        if (rest.length() > LENGTH_MAX) {
            throw unknown(rest.substring(0, LENGTH_MAX).strip());
        }
        Matcher like = LIKE.matcher(rest);
        Optional<String> pattern =
                like.matches() ? Optional.of(like.group(2).replace("''", "'")) : Optional.empty();
        String words = oneSpaced(like.matches() ? like.group(1) : rest);
        AdminStatement statement = statementOf(words);
        if (pattern.isPresent() && statement == AdminStatement.HELP) {
            throw unknown(words + " LIKE");
        }
        return new AdminRequest(
                statement, pattern.map(LikePattern::of).orElse(LikePattern.EVERYTHING), "");
    }

    private static AdminStatement statementOf(String words) {
        return Arrays.stream(AdminStatement.values())
                .filter(each -> each.words().equals(words))
                .filter(each -> each != AdminStatement.EXPLAIN) // It needs a statement.
                .findFirst()
                .orElseThrow(() -> unknown(words));
    }

    private static ShardwayException unknown(String words) {
        List<String> known =
                Arrays.stream(AdminStatement.values()).map(AdminStatement::words).toList();
        String shown = words.length() > 60 ? words.substring(0, 60) + "..." : words;
        String nearest = Spelling.nearest(firstWords(shown, 2), known);
        String syntax =
                Arrays.stream(AdminStatement.values())
                        .filter(each -> each.words().equals(nearest))
                        .map(AdminStatement::syntax)
                        .findFirst()
                        .orElseThrow();
        return new ShardwayException(
                ErrorCode.ADMIN_SYNTAX,
                "\"%s\"; the nearest is: %s".formatted(("SHARDWAY " + shown).strip(), syntax));
    }

    private static String firstWords(String words, int count) {
        return String.join(" ", Arrays.stream(words.split(" ")).limit(count).toList());
    }

    private static String oneSpaced(String text) {
        return text.strip().replaceAll("\\s+", " ").toUpperCase(Locale.ROOT);
    }

    private static String withoutSemicolon(String text) {
        String stripped = text.stripTrailing();
        return stripped.endsWith(";")
                ? stripped.substring(0, stripped.length() - 1).stripTrailing()
                : stripped;
    }
}
