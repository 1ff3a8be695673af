package io.shardway.difftest;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Statements of one session that begin with equal rows on both sides. Immutable.
 *
 * @param statements with values in braces, see {@link Bound}
 * @param prepared whether they are run by COM_STMT_EXECUTE
 */
public record Episode(List<String> statements, boolean prepared) {

    private static final Pattern GROUPED = Pattern.compile("GROUP BY|DISTINCT|UNION|MIN\\(|MAX\\(");

    private static final Set<String> READS = Set.of("SELECT", "WITH", "(SELECT");
    private static final Set<String> AROUND_READS = Set.of("BEGIN", "SET");

    public Episode {
        statements = List.copyOf(statements);
    }

    boolean writes() {
        return statements.stream().anyMatch(Episode::isWrite);
    }

    static boolean isRead(String statement) {
        return READS.contains(firstWord(statement));
    }

    /** Whether it may change rows. */
    static boolean isWrite(String statement) {
        return !isRead(statement) && !AROUND_READS.contains(firstWord(statement));
    }

    /** Whether the order of its rows is decided: generators end such an order with the key. */
    static boolean isOrdered(String statement) {
        int order = statement.lastIndexOf("ORDER BY");
        return order >= 0
                && statement.indexOf("a.user_id", order) > 0
                && statement.indexOf(')', statement.indexOf("a.user_id", order)) < 0;
    }

    /** Whether a row may show any of several values that are equal by a collation. */
    static boolean isGrouped(String statement) {
        return GROUPED.matcher(statement).find();
    }

    /** As they can be pasted into a client. */
    @Override
    public String toString() {
        var text = new StringBuilder(prepared ? "-- prepared, values in braces\n" : "");
        for (String statement : statements) {
            text.append(prepared ? statement : Bound.text(statement)).append(";\n");
        }
        return text.toString();
    }

    static String firstWord(String statement) {
        return statement.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
    }
}
