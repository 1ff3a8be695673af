package io.shardway.router.sql;

import java.util.regex.Pattern;

/**
 * A pattern of SQL's LIKE: {@code %} for any text, {@code _} for one character, a backslash before
 * either for itself. Immutable.
 */
public record LikePattern(Pattern pattern) {

    public static final LikePattern EVERYTHING = of("%");

    /** Without regard to case. */
    public static LikePattern of(String like) {
        return of(like, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /** With regard to case, as MySQL compares names of databases. */
    public static LikePattern ofCase(String like) {
        return of(like, 0);
    }

    private static LikePattern of(String like, int flags) {
        var regex = new StringBuilder();
        for (int index = 0; index < like.length(); index++) {
            char letter = like.charAt(index);
            if (letter == '\\' && index + 1 < like.length()) {
                index++;
                regex.append(Pattern.quote(String.valueOf(like.charAt(index))));
            } else if (letter == '%') {
                regex.append(".*");
            } else if (letter == '_') {
                regex.append('.');
            } else {
                regex.append(Pattern.quote(String.valueOf(letter)));
            }
        }
        return new LikePattern(Pattern.compile(regex.toString(), flags | Pattern.DOTALL));
    }

    public boolean matches(String text) {
        return pattern.matcher(text).matches();
    }
}
