package io.shardway.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * SELECTs of {@link AwkwardTables} that put rows together: GROUP BY, DISTINCT, aggregate functions.
 * Confined to one thread.
 */
final class RandomGroups {

    private static final List<String> USER_KEYS =
            List.of(
                    "a.name",
                    "a.code",
                    "a.e",
                    "a.s",
                    "a.y + 0",
                    "a.tm",
                    "DATE(a.ts)",
                    "YEAR(a.ts)",
                    "a.user_id % 4",
                    "CONCAT(a.code, 'x')",
                    "IF(a.dc > 0, 'plus', 'minus')",
                    "a.bin",
                    "a.t",
                    "a.u",
                    "DATE_FORMAT(a.dt, '%Y-%m')",
                    "a.name IS NULL",
                    "a.d");

    private static final List<String> ORDER_KEYS =
            List.of(
                    "a.status",
                    "a.amount",
                    "a.product_id",
                    "a.amount > 2",
                    "a.order_id % 2",
                    "UPPER(a.status)",
                    "CASE WHEN a.amount < 0 THEN 'less' WHEN a.status = 'open' THEN 'open' END");

    private static final List<String> USER_VALUES =
            List.of(
                    "COUNT(*)",
                    "COUNT(a.name)",
                    "COUNT(DISTINCT a.code)",
                    "COUNT(DISTINCT a.e, a.y)",
                    "SUM(a.dc)",
                    "SUM(a.u)",
                    "SUM(DISTINCT a.y)",
                    "AVG(a.dc)",
                    "AVG(a.u)",
                    "AVG(DISTINCT a.y)",
                    "ROUND(AVG(a.y), 2)",
                    "ROUND(AVG(a.u))",
                    "AVG(a.y) > 1999.5",
                    "CAST(AVG(a.y) AS SIGNED)",
                    "MIN(a.dt) IS NULL",
                    "MAX(a.tm)",
                    "MIN(a.bin)",
                    "MAX(a.code)",
                    "MIN(a.e)",
                    "MAX(a.ts)",
                    "SUM(a.dc) / COUNT(*)",
                    "IFNULL(SUM(a.u), 0)",
                    "MAX(a.d)",
                    "BIT_XOR(a.u)",
                    "SUM(a.dc) - COUNT(a.dc)",
                    "MAX(a.u) IS NULL",
                    "VARIANCE(a.user_id & 0) = 0",
                    "SUM(a.dc > 0)",
                    "SUM(IF(a.e = 'a', a.dc, 0))");

    private static final List<String> ORDER_VALUES =
            List.of(
                    "COUNT(*)",
                    "COUNT(a.amount)",
                    "SUM(a.amount)",
                    "AVG(a.amount)",
                    "ROUND(AVG(a.amount), 3)",
                    "FLOOR(AVG(a.amount))",
                    "COUNT(DISTINCT a.status)",
                    "MIN(a.amount)",
                    "MAX(a.amount) - MIN(a.amount)",
                    "SUM(a.amount * a.order_id)",
                    "AVG(a.order_id)",
                    "SUM(DISTINCT a.product_id)",
                    "BIT_OR(a.order_id)",
                    "MAX(a.status)");

    private static final List<String> ORDERED = List.of("", " DESC");

    private final Random random;

    RandomGroups(Random random) {
        this.random = random;
    }

    String next() {
        boolean users = random.nextBoolean();
        List<String> keys = users ? USER_KEYS : ORDER_KEYS;
        List<String> values = users ? USER_VALUES : ORDER_VALUES;
        String from =
                pick(
                                users
                                        ? List.of(
                                                " FROM users a",
                                                " FROM users a",
                                                " FROM users a JOIN orders o ON o.user_id ="
                                                        + " a.user_id",
                                                " FROM users a LEFT JOIN orders o ON a.user_id ="
                                                        + " o.user_id AND o.amount > {1}",
                                                " FROM orders o RIGHT JOIN users a USING (user_id)")
                                        : List.of(
                                                " FROM orders a",
                                                " FROM orders a",
                                                " FROM orders a JOIN made m USING (user_id)",
                                                " FROM made m LEFT JOIN orders a USING (user_id)"))
                        + where(users);
        return switch (random.nextInt(8)) {
            case 0 -> distinct(keys, from);
            case 1 ->
                    "SELECT %s, %s AS v%s%s"
                            .formatted(
                                    pick(values),
                                    pick(values),
                                    from,
                                    pick(List.of("", " HAVING COUNT(*) > 1", " HAVING v > 1")));
            default -> grouped(keys, values, from);
        };
    }

    private String grouped(List<String> keys, List<String> values, String from) {
        String key = pick(keys);
        String second = pick(keys);
        boolean two = !second.equals(key) && random.nextInt(3) == 0;
        var items = new ArrayList<String>();
        items.add(key + " AS k");
        if (two) {
            items.add(second + " AS l");
        }
        items.add(pick(values) + " AS v");
        items.add(pick(values));
        if (random.nextBoolean()) {
            items.add(pick(values) + " AS w");
        }
        boolean byText = random.nextInt(3) == 0;
        String group =
                " GROUP BY " + (byText ? key : "k") + (two ? ", " + (byText ? second : "l") : "");
        String having =
                random.nextInt(3) > 0
                        ? ""
                        : " HAVING "
                                + pick(
                                        List.of(
                                                "COUNT(*) > 1",
                                                "v IS NOT NULL",
                                                "v > 1.5",
                                                "k IS NOT NULL",
                                                pick(values) + " > {2}"));
        boolean joined = from.contains("JOIN");
        return "SELECT " + String.join(", ", items) + from + group + end(having, two, joined);
    }

    /**
     * WITH ROLLUP, or an order that decides which rows are the first. Of a join that is rolled up
     * dates, years and averages hang on MySQL's plan.
     */
    private String end(String having, boolean two, boolean joined) {
        int drawn = random.nextInt(6);
        if (drawn == 0 && !joined) {
            return " WITH ROLLUP" + having;
        }
        if (drawn < 3) {
            return having;
        }
        return having
                + " ORDER BY "
                + pick(List.of("", "v, ", "v DESC, "))
                + "k"
                + pick(ORDERED)
                + (two ? ", l" + pick(ORDERED) : "")
                + pick(List.of("", " LIMIT 3", " LIMIT 2, 4"));
    }

    private String distinct(List<String> keys, String from) {
        String key = pick(keys);
        String second = pick(keys);
        return "SELECT DISTINCT %s AS k, %s%s%s"
                .formatted(
                        key,
                        second,
                        from,
                        pick(List.of("", " ORDER BY k, 2 LIMIT 4", " ORDER BY 2 DESC, k")));
    }

    private String where(boolean users) {
        return random.nextInt(3) > 0
                ? ""
                : users
                        ? pick(
                                List.of(
                                        " WHERE a.dc > {0}",
                                        " WHERE a.name <> {'a'}",
                                        " WHERE a.user_id > {9} OR a.y IS NULL",
                                        " WHERE a.ts < {'2024-06-01'}",
                                        " WHERE a.user_id IN ({1}, {2}, {3}, {4})",
                                        " WHERE a.y < 0"))
                        : pick(
                                List.of(
                                        " WHERE a.amount > {1.5}",
                                        " WHERE a.status = {'open'}",
                                        " WHERE a.order_id <> {1}",
                                        " WHERE a.user_id BETWEEN {3} AND {12}",
                                        " WHERE a.user_id = 99"));
    }

    private String pick(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
