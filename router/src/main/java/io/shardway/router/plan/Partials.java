package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a grouped read of one table, or of several joined by their keys, is finished from partial
 * answers: each shard groups its own rows, and MySQL puts the groups together on one node, in a
 * temporary table. Holds no values. Immutable.
 *
 * @param keyspace of the temporary table
 * @param shape makes the columns of the temporary table, without rows; it has no parameters
 * @param partial what each shard is asked
 * @param finishing what is asked of the temporary table
 * @param same parts of the statement that must be written alike
 * @param digits tokens that must be numbers of digits which any average has
 * @param divided columns with sums that averages within expressions are made of
 */
public record Partials(
        String keyspace,
        Unfolding shape,
        Unfolding partial,
        Unfolding finishing,
        List<Same> same,
        List<Integer> digits,
        List<Integer> divided) {

    /** The table's name in its keyspace. */
    public static final String TABLE = "shardway_partials";

    /** The most decimals of a sum that is divided by a count within an expression. */
    public static final int DIVIDED_SCALE_MAX = 5;

    /** An average has at least four decimals, unless the session says otherwise. */
    private static final Pattern DIGITS = Pattern.compile("[0-4]");

    private static final String COLUMN = "shardway_p";

    /** Two tokens: the literal in the one place, and in the other. */
    record Same(int one, int other) {}

    /**
     * The texts of one execution. Immutable.
     *
     * @param table the temporary table's name as statements have it
     */
    public record Written(
            String table,
            byte[] shape,
            Unfolding.Whole partial,
            Unfolding.Whole finishing,
            List<Integer> divided) {}

    public Partials {
        same = List.copyOf(same);
        digits = List.copyOf(digits);
        divided = List.copyOf(divided);
    }

    static String column(int number) {
        return "`" + COLUMN + number + "`";
    }

    /** The temporary table's name as statements have it. */
    static String table(String keyspace) {
        return QuotedName.of(keyspace, TABLE);
    }

    /** Empty if what stands in one place stands otherwise in the other. */
    public Optional<Written> write(byte[] text, SqlDialect dialect, ParameterValues values) {
        List<Token> tokens = Tokens.of(text, 0, text.length, dialect);
        boolean alike =
                same.stream()
                        .allMatch(each ->
                                tokens.get(each.one())
                                        .text()
                                        .equals(tokens.get(each.other()).text()));
        boolean few =
                digits.stream().allMatch(each -> DIGITS.matcher(tokens.get(each).text()).matches());
        if (!alike || !few) {
            return Optional.empty();
        }
        var whole = new Unfolding.Whole(text, values, new int[0]);
        return Optional.of(
                new Written(
                        table(keyspace),
                        shape.write(whole, dialect).text(),
                        partial.write(whole, dialect),
                        finishing.write(whole, dialect),
                        divided));
    }
}
