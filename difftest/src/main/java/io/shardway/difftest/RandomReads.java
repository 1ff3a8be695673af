package io.shardway.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random SELECTs over the tables of {@link AwkwardTables}, with values in braces. Their answers
 * hang on the rows only, not on the order in which MySQL finds them: no sums of floating numbers,
 * and where texts are equal but not the same, none of them is chosen. Confined to one thread.
 */
final class RandomReads {

    private record Source(String alias, Table table) {
        String column(Random random) {
            return alias + "." + pick(random, table.columns);
        }

        String exact(Random random) {
            return alias + "." + pick(random, table.exact);
        }

        String number(Random random) {
            return alias + "." + pick(random, table.numbers);
        }
    }

    private enum Table {
        USERS(
                "users",
                List.of(
                        "user_id", "name", "code", "bin", "e", "s", "f", "d", "dc", "u", "dt", "tm",
                        "y", "bt", "t", "ts", "j"),
                List.of("user_id", "bin", "e", "dc", "u", "dt", "tm", "y"),
                List.of("user_id", "dc", "u", "y")),
        ORDERS(
                "orders",
                List.of("user_id", "order_id", "product_id", "amount", "status"),
                List.of("user_id", "order_id", "product_id", "amount", "status"),
                List.of("user_id", "order_id", "product_id", "amount")),
        MADE(
                "made",
                List.of("user_id", "x", "v", "g"),
                List.of("user_id", "x", "v"),
                List.of("user_id", "x", "v")),
        UNSEEN(
                "unseen",
                List.of("user_id", "hidden", "`odd name`", "`2nd`"),
                List.of("user_id", "hidden", "`2nd`"),
                List.of("user_id", "hidden", "`odd name`")),
        PRODUCTS("products", List.of("id", "title"), List.of("id"), List.of("id")),
        REGIONS("regions", List.of("id", "region"), List.of("id"), List.of("id")),
        SHOWN(
                "shown",
                List.of("user_id", "name", "e", "dc", "more", "j"),
                List.of("user_id", "e", "dc", "more"),
                List.of("user_id", "dc", "more")),
        BOUGHT(
                "bought",
                List.of("user_id", "order_id", "price", "title", "hour"),
                List.of("user_id", "order_id", "price", "hour"),
                List.of("user_id", "order_id", "price", "hour")),
        PLACES("places", List.of("id", "n", "region"), List.of("id", "n"), List.of("id", "n"));

        private final String sql;
        private final List<String> columns;
        private final List<String> exact;
        private final List<String> numbers;

        Table(String sql, List<String> columns, List<String> exact, List<String> numbers) {
            this.sql = sql;
            this.columns = columns;
            this.exact = exact;
            this.numbers = numbers;
        }
    }

    private static final int NESTING_MAX = 2;

    private final Random random;
    private int aliases;
    private int nesting;

    RandomReads(Random random) {
        this.random = random;
    }

    String next() {
        aliases = 0;
        nesting = 0;
        return switch (random.nextInt(20)) {
            case 0, 1 -> plain();
            case 2, 3 -> aggregates();
            case 4, 5 -> grouped();
            case 6 -> "SELECT " + scalar() + ", " + scalar();
            case 7 -> block("DISTINCT HEX(@c), @e", List.of());
            case 8 ->
                    block("@n, @n", List.of())
                            + pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ")
                            + block("@n, @n", List.of());
            case 9 ->
                    "WITH c AS ("
                            + block("@n AS a, @n AS b", List.of())
                            + ") SELECT a, COUNT(*), MAX(b), SUM(b) FROM c GROUP BY a ORDER BY a";
            case 10 ->
                    block(
                            "@n, RANK() OVER (PARTITION BY @e ORDER BY @n) AS r, COUNT(*) OVER ()",
                            List.of());
            case 11 ->
                    "SELECT q.a, COUNT(*) FROM ("
                            + block("@e AS a, @n AS b", List.of())
                            + ") q WHERE "
                            + pick("q.b > 1", "q.a IS NOT NULL", "q.b IN (1, 2, 3)", "TRUE")
                            + " GROUP BY q.a HAVING COUNT(*) > 0";
            case 12, 13, 14 -> ofOneTable();
            case 18 -> readAgain();
            default -> joined();
        };
    }

    /** Mostly what the shards can answer by themselves. */
    private String ofOneTable() {
        nesting = NESTING_MAX;
        Table table =
                pick(
                        random,
                        List.of(Table.USERS, Table.ORDERS, Table.MADE, Table.UNSEEN, Table.SHOWN));
        var source = new Source("a", table);
        String from = " FROM %s a%s".formatted(table.sql, where(List.of(source)));
        String last = table == Table.ORDERS ? "a.user_id, a.order_id" : "a.user_id";
        String limit = pick("", " LIMIT 4", " LIMIT 3 OFFSET 2", " LIMIT 5, 100", " LIMIT 0");
        String exact = source.exact(random);
        String number = source.number(random);
        return switch (random.nextInt(6)) {
            case 0 -> "SELECT *" + from;
            case 1 ->
                    "SELECT %s, HEX(%s), %s + 1%s"
                            .formatted(source.column(random), source.column(random), number, from);
            case 2 ->
                    "SELECT *%s ORDER BY %s%s, %s%s"
                            .formatted(from, exact, pick("", " DESC"), last, limit);
            case 3 ->
                    "SELECT %s, %s, %s%s ORDER BY %s%s, %s%s"
                            .formatted(
                                    last,
                                    exact,
                                    number,
                                    from,
                                    exact,
                                    pick("", " DESC"),
                                    last,
                                    limit);
            case 4 ->
                    "SELECT COUNT(*), COUNT(%s), SUM(%s), MIN(%s), MAX(%s)%s"
                            .formatted(
                                    source.column(random),
                                    number,
                                    exact,
                                    source.exact(random),
                                    from);
            default ->
                    "SELECT %s, %s, COUNT(*) AS c, SUM(%s), MAX(%s)%s GROUP BY %s, %s%s"
                            .formatted(
                                    exact,
                                    number,
                                    source.number(random),
                                    source.exact(random),
                                    from,
                                    number,
                                    exact,
                                    pick("", " ORDER BY " + number + " DESC, " + exact + limit));
        };
    }

    private String plain() {
        Table table = pick(random, List.of(Table.USERS, Table.MADE, Table.UNSEEN, Table.SHOWN));
        var source = new Source("a", table);
        String columns =
                random.nextInt(4) == 0
                        ? "*"
                        : source.column(random) + ", " + source.column(random) + ", a.user_id";
        return "SELECT %s FROM %s a%s ORDER BY %s, a.user_id%s%s"
                .formatted(
                        columns,
                        table.sql,
                        where(List.of(source)),
                        source.column(random),
                        pick("", " DESC"),
                        pick("", " LIMIT 4", " LIMIT 3 OFFSET 2", " LIMIT 100"));
    }

    /** WITH queries and whole tables that are read more than once. */
    private String readAgain() {
        String query = "(" + block("@n AS a, @n AS b", List.of()) + ")";
        String columns = pick("", " (a, b)");
        String from = pick("d x LEFT JOIN d y", "d x JOIN c y", "d x RIGHT JOIN d y", "c x, d y");
        String on = from.contains(",") ? " WHERE " : " ON ";
        return switch (random.nextInt(6)) {
            case 0 ->
                    "WITH c%s AS %s SELECT x.a, COUNT(*), MAX(y.b) FROM c x %sJOIN c y ON x.a = y.b GROUP BY x.a"
                            .formatted(columns, query, pick("LEFT ", ""));
            case 1 ->
                    "WITH c AS %s, d%s AS (SELECT a + 1 AS a, b FROM c WHERE b IN (SELECT a FROM c)) SELECT x.a, y.b, (SELECT MAX(b) FROM c WHERE c.a <= x.a) FROM %s%sx.a = y.b"
                            .formatted(query, columns, from, on);
            case 2 ->
                    "WITH RECURSIVE c%s AS (SELECT u.user_id AS a, 1 AS b FROM users u WHERE u.user_id < 9 UNION ALL SELECT c.a + 1, c.b + 1 FROM c JOIN orders o ON o.user_id = c.a WHERE c.b < 3) SELECT c.a, y.b FROM c JOIN c y ON y.b = c.a"
                            .formatted(columns);
            case 3 ->
                    "SELECT x.a FROM (WITH c AS %s SELECT c.a FROM c UNION SELECT y.b FROM c y) x"
                            .formatted(query);
            case 4 ->
                    "SELECT x.*, y.amount FROM (TABLE orders) x JOIN (TABLE orders) y ON y.order_id = x.product_id";
            default ->
                    "WITH c AS %s SELECT c.*, EXISTS (SELECT 1 FROM c y WHERE y.b = c.a) FROM c WHERE c.a > ALL (SELECT c.b FROM c WHERE c.a > {5})"
                            .formatted(query);
        };
    }

    private String aggregates() {
        return block(
                "COUNT(*), COUNT(DISTINCT @c), SUM(@n), AVG(@n), MIN(@e), MAX(@e), BIT_XOR(@n),"
                        + " GROUP_CONCAT(DISTINCT @n ORDER BY 1)",
                List.of());
    }

    private String grouped() {
        return block("@e AS g, COUNT(*), SUM(@n), MAX(@n)", List.of())
                + " GROUP BY g"
                + pick("", " WITH ROLLUP", " HAVING COUNT(*) > 1", " HAVING SUM(1) < 9");
    }

    private String scalar() {
        return "(" + block("MAX(@n)", List.of()) + ")";
    }

    private String joined() {
        return block("@c, @n, @e", List.of());
    }

    /** In the select list @c is a column, @n a number, @e a column whose equal values are same. */
    private String block(String selectList, List<Source> outer) {
        nesting++;
        var sources = new ArrayList<Source>();
        String from = from(sources);
        var scope = new ArrayList<>(sources);
        scope.addAll(outer);
        String list = selectList;
        while (list.contains("@")) {
            Source source = pick(random, sources);
            int at = list.indexOf('@');
            String column =
                    switch (list.charAt(at + 1)) {
                        case 'n' -> source.number(random);
                        case 'e' -> source.exact(random);
                        default -> source.column(random);
                    };
            list = list.substring(0, at) + column + list.substring(at + 2);
        }
        String sql = "SELECT " + list + " FROM " + from + where(scope);
        nesting--;
        return sql;
    }

    private String from(List<Source> sources) {
        var text = new StringBuilder(table(sources));
        for (int more = random.nextInt(nesting > 1 ? 2 : 3); more > 0; more--) {
            Source left = pick(random, sources);
            String join = pick(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " JOIN ");
            text.append(join).append(table(sources)).append(" ON ");
            text.append(left.number(random)).append(" = ").append(last(sources).number(random));
            if (random.nextInt(3) == 0) {
                text.append(" AND ").append(atom(sources));
            }
        }
        return text.toString();
    }

    private static Source last(List<Source> sources) {
        return sources.getLast();
    }

    private String table(List<Source> sources) {
        Table table = pick(random, List.of(Table.values()));
        var source = new Source("t" + aliases++, table);
        sources.add(source);
        return table.sql + " " + source.alias();
    }

    private String where(List<Source> scope) {
        return random.nextInt(4) == 0 ? "" : " WHERE " + tree(scope, 2);
    }

    private String tree(List<Source> scope, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return atom(scope);
        }
        String left = tree(scope, depth - 1);
        String right = tree(scope, depth - 1);
        return pick(
                "(" + left + " AND " + right + ")",
                "(" + left + " OR " + right + ")",
                "(NOT " + left + ")",
                "(" + left + " XOR " + right + ")");
    }

    private String atom(List<Source> scope) {
        Source source = pick(random, scope);
        if (nesting < NESTING_MAX && random.nextInt(6) == 0) {
            return pick("EXISTS (", "NOT EXISTS (") + block("1", scope) + ")";
        }
        if (nesting < NESTING_MAX && random.nextInt(6) == 0) {
            return source.number(random) + pick(" IN (", " NOT IN (") + block("@n", scope) + ")";
        }
        return switch (random.nextInt(7)) {
            case 0 -> source.number(random) + pick(" = ", " < ", " >= ", " <> ") + literal();
            case 1 -> source.column(random) + pick(" IS NULL", " IS NOT NULL");
            case 2 ->
                    source.alias()
                            + "."
                            + source.table().columns.getFirst()
                            + pick(" = ", " IN (1, 2, ", " IN (7, ")
                                    .transform(op ->
                                            op.equals(" = ") ? " = {5}" : op + literal() + ")");
            case 3 -> source.number(random) + " BETWEEN 1 AND " + literal();
            case 4 -> source.number(random) + " % 3 = " + pick("0", "1");
            case 5 -> source.column(random) + " <=> " + source.column(random);
            default -> "LENGTH(" + source.column(random) + ") " + pick("> 1", "< 5");
        };
    }

    private String literal() {
        return "{"
                + pick("0", "1", "2", "5", "-7", "1.5", "42", "NULL", "18446744073709551615")
                + "}";
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
