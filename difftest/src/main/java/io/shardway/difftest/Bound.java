package io.shardway.difftest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A statement in which values stand in braces: {@code n = {5}} is {@code n = 5} as text, and {@code
 * n = ?} with a value when prepared. Immutable.
 *
 * @param sql with a question mark for each value
 * @param values as SQL writes them: NULL, a number, or text in quotes
 */
record Bound(String sql, List<String> values) {

    private static final Pattern VALUE = Pattern.compile("\\{([^{}]*)\\}");

    Bound {
        values = List.copyOf(values);
    }

    static Bound of(String written) {
        var values = new ArrayList<String>();
        String sql =
                VALUE.matcher(written)
                        .replaceAll(value -> {
                            values.add(value.group(1));
                            return "?";
                        });
        return new Bound(sql, values);
    }

    static String text(String written) {
        return VALUE.matcher(written).replaceAll("$1");
    }

    void bind(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            bind(statement, i + 1, values.get(i));
        }
    }

    private static void bind(PreparedStatement statement, int at, String value)
            throws SQLException {
        if (value.equals("NULL")) {
            statement.setNull(at, Types.BIGINT);
        } else if (value.startsWith("'")) {
            statement.setString(at, value.substring(1, value.length() - 1));
        } else if (value.contains(".")) {
            statement.setBigDecimal(at, new BigDecimal(value));
        } else if (new BigInteger(value).bitLength() > Long.SIZE - 1) {
            statement.setObject(at, new BigInteger(value));
        } else {
            statement.setLong(at, Long.parseLong(value));
        }
    }
}
