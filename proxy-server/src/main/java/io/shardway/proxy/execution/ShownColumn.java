package io.shardway.proxy.execution;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column as a line of SHOW CREATE TABLE tells it, for a temporary table. Immutable.
 *
 * @param text its definition; of a generated column that is stored, that of an ordinary one
 * @param madeOf the columns that a virtual one names; empty for others
 */
record ShownColumn(String text, Set<String> madeOf) {

    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)*)`");
    private static final Pattern QUOTED =
            Pattern.compile("'(?:[^'\\\\]|''|\\\\.)*'|`(?:[^`]|``)*`");
    private static final String GENERATED = " GENERATED ALWAYS AS (";
    private static final String STORED = " STORED";

    ShownColumn {
        madeOf = Set.copyOf(madeOf);
    }

    static ShownColumn of(String line) {
        String bare = bare(line);
        int begin = bare.indexOf(GENERATED);
        if (begin < 0) {
            return new ShownColumn(line, Set.of());
        }
        int end = closing(bare, begin + GENERATED.length() - 1);
        return bare.startsWith(STORED, end)
                ? new ShownColumn(
                        line.substring(0, begin) + line.substring(end + STORED.length()), Set.of())
                : new ShownColumn(line, names(line.substring(begin, end)));
    }

    /** The same length, without quotes, and names and texts in them. */
    static String bare(String shown) {
        return QUOTED.matcher(shown).replaceAll(found -> "_".repeat(found.group().length()));
    }

    /** The names in backquotes. */
    static Set<String> names(String shown) {
        var names = new HashSet<String>();
        Matcher name = NAME.matcher(shown);
        while (name.find()) {
            names.add(name.group(1).replace("``", "`"));
        }
        return names;
    }

    /** Behind the parenthesis that closes this one. */
    private static int closing(String bare, int open) {
        int depth = 0;
        for (int at = open; at < bare.length(); at++) {
            depth += bare.charAt(at) == '(' ? 1 : bare.charAt(at) == ')' ? -1 : 0;
            if (depth == 0) {
                return at + 1;
            }
        }
        return bare.length();
    }

    /** Whether it is made anew whenever it is read. */
    boolean isVirtual() {
        return bare(text).contains(GENERATED);
    }
}
