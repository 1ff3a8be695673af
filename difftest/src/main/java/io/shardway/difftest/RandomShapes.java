package io.shardway.difftest;

import java.util.Random;

/**
 * SELECTs of a given shape with random parts over the tables of {@link AwkwardTables}: functions,
 * windows, recursion, collations, times, JSON. Confined to one thread.
 */
final class RandomShapes {

    private final Random random;

    RandomShapes(Random random) {
        this.random = random;
    }

    String next() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2 -> functions();
            case 3 -> window();
            case 4 -> runningWindow();
            case 5 -> recursive();
            case 6 -> lateral();
            case 7 -> rowIn();
            case 8 -> quantified();
            case 9, 10 -> byText();
            case 11 -> objects();
            case 12 -> concatenated();
            case 13 -> correlated();
            case 14 -> unionInOrder();
            case 15 -> lastOfEach();
            case 16 -> times();
            case 17 -> groupedByExpression();
            case 18 -> usingKey();
            default -> keys();
        };
    }

    private String functions() {
        return "SELECT %s AS x, %s, a.user_id FROM users a%s ORDER BY a.user_id%s"
                .formatted(value(), value(), where(), limit());
    }

    /** Of users a. */
    private String value() {
        return pick(
                "UPPER(a.name)",
                "CONCAT(a.name, '-', a.code)",
                "CONCAT_WS(',', a.name, a.code, a.t)",
                "CHAR_LENGTH(a.t)",
                "COALESCE(a.name, a.code, 'none')",
                "IF(a.dc > 0, a.dc, a.u)",
                "IFNULL(a.u, -1)",
                "NULLIF(a.dc, 0)",
                "CASE WHEN a.e = 'a' THEN 1 WHEN a.e = 'b' THEN 2.50 ELSE NULL END",
                "CASE a.user_id % 3 WHEN 0 THEN a.name WHEN 1 THEN a.code END",
                "CAST(a.dc AS SIGNED)",
                "CAST(a.u AS DECIMAL(30,2))",
                "CAST(a.dt AS CHAR)",
                "CAST(a.dt AS DATE)",
                "CONVERT(a.name USING latin1)",
                "HEX(a.bin)",
                "ROUND(a.dc, 2)",
                "TRUNCATE(a.dc, -1)",
                "a.dc * 3 / 7",
                "a.dc DIV 2",
                "a.d * 2",
                "a.f + 0",
                "-a.dc",
                "a.u & 15",
                "a.bt + 0",
                "a.bt",
                "a.e + 0",
                "a.s + 0",
                "FIND_IN_SET('y', a.s)",
                "GREATEST(a.user_id, 5, a.dc)",
                "LEFT(a.name, 1)",
                "SUBSTRING(a.t, 2)",
                "REVERSE(a.name)",
                "REPLACE(a.t, 'a', 'bb')",
                "TRIM(a.name)",
                "LPAD(a.code, 4, '*')",
                "INSTR(a.name, 'a')",
                "a.name LIKE 'a%'",
                "a.name = 'A'",
                "a.code = 'x'",
                "a.name REGEXP '^[a-b]'",
                "STRCMP(a.name, a.code)",
                "YEAR(a.dt)",
                "a.dt + INTERVAL 1 MONTH",
                "DATE_FORMAT(a.ts, '%Y-%m-%d %H:%i:%s.%f')",
                "a.ts",
                "UNIX_TIMESTAMP(a.ts)",
                "DATEDIFF(a.dt, '2020-01-01')",
                "TIME_TO_SEC(a.tm)",
                "a.tm + INTERVAL 1 SECOND",
                "a.y + 1",
                "a.j->'$.a'",
                "a.j->>'$.a'",
                "JSON_LENGTH(a.j)",
                "JSON_EXTRACT(a.j, '$[1]')",
                "JSON_CONTAINS_PATH(a.j, 'one', '$.a')",
                "a.user_id = {5}",
                "a.dc > {1.5}",
                "MD5(a.name)",
                "CRC32(a.t)",
                "BIT_COUNT(a.u)",
                "INET_NTOA(a.user_id)",
                "ELT(a.user_id % 3, 'one', 'two')",
                "FORMAT(a.dc, 2)",
                "a.user_id BETWEEN {3} AND {9}",
                "a.name IS NULL",
                "a.name COLLATE utf8mb4_bin = 'a'",
                "WEIGHT_STRING(a.name)",
                "CHARSET(a.code)",
                "COLLATION(a.name)",
                "COERCIBILITY(a.name)");
    }

    private String where() {
        return random.nextInt(3) == 0 ? "" : " WHERE " + condition();
    }

    /** Of users a. */
    private String condition() {
        String one =
                pick(
                        "a.name LIKE '%a%'",
                        "a.name = {'a'}",
                        "a.name IN ('a', 'ss', 'é')",
                        "a.name > 'a'",
                        "a.code = {'x'}",
                        "a.code < 'y'",
                        "a.bin = 'a '",
                        "a.e = 'b'",
                        "a.s = 'y,z'",
                        "a.dt > '2000-01-01'",
                        "a.dt < {'2024-06-01'}",
                        "a.ts > '2024-06-01 00:00:00'",
                        "a.tm > '01:00'",
                        "a.y = 1999",
                        "a.bt = b'10000'",
                        "a.d > 0.05",
                        "a.dc BETWEEN -1 AND {42}",
                        "a.u > 41",
                        "a.j->'$.a' = 1",
                        "a.t = 'é'",
                        "a.user_id IN (3, 5, {7}, {11})",
                        "a.user_id > {4} AND a.user_id <= 20",
                        "a.user_id < {15}",
                        "a.user_id % 2 = {1}",
                        "a.name IS NULL OR a.code IS NULL",
                        "NOT (a.dc > 0)",
                        "(a.e, a.y) = ('a', 1999)",
                        "EXISTS (SELECT 1 FROM orders o WHERE o.user_id = a.user_id AND o.amount > 1)",
                        "a.user_id IN (SELECT o.user_id FROM orders o WHERE o.status = 'open')");
        return random.nextInt(3) == 0 ? one + " AND " + condition() : one;
    }

    private String limit() {
        return pick("", "", " LIMIT 5", " LIMIT 3 OFFSET 4", " LIMIT 100", " LIMIT 1");
    }

    private String window() {
        return ("SELECT a.user_id, %s OVER (PARTITION BY %s ORDER BY %s, a.user_id) AS w"
                        + " FROM users a%s ORDER BY a.user_id%s")
                .formatted(
                        pick(
                                "ROW_NUMBER()",
                                "LAG(a.dc)",
                                "LEAD(a.name, 2, 'none')",
                                "FIRST_VALUE(a.u)",
                                "NTILE(3)",
                                "DENSE_RANK()",
                                "CUME_DIST()",
                                "NTH_VALUE(a.y, 2)"),
                        pick("a.e", "a.y", "a.user_id % 4", "a.u"),
                        pick("a.dc", "a.dt DESC", "a.bin", "a.name", "a.u DESC"),
                        where(),
                        limit());
    }

    private String runningWindow() {
        return ("SELECT o.user_id, o.order_id, SUM(o.amount) OVER w AS s, COUNT(*) OVER w AS c,"
                        + " MAX(o.amount) OVER w FROM orders o WINDOW w AS (PARTITION BY %s ORDER BY"
                        + " o.user_id, o.order_id %s)")
                .formatted(
                        pick("o.product_id", "o.user_id", "o.status COLLATE utf8mb4_bin", "NULL"),
                        pick("", "ROWS 2 PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING"));
    }

    private String recursive() {
        return ("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {%d})"
                        + " SELECT n.i, COUNT(%s), SUM(m.v) FROM n LEFT JOIN %s ON %s = n.i"
                        + " GROUP BY n.i ORDER BY n.i")
                .formatted(
                        3 + random.nextInt(9),
                        pick("*", "m.user_id", "DISTINCT m.x"),
                        "made m",
                        pick("m.user_id", "m.x", "m.v"));
    }

    private String lateral() {
        return ("SELECT a.user_id, l.c, l.m FROM users a %s JOIN LATERAL (SELECT COUNT(*) AS c,"
                        + " MAX(o.amount) AS m FROM orders o WHERE o.user_id = a.user_id%s) l ON %s"
                        + " ORDER BY a.user_id")
                .formatted(
                        pick("", "LEFT"),
                        pick("", " AND o.amount > {1}", " AND o.order_id < a.user_id"),
                        pick("TRUE", "l.c > 1"));
    }

    private String rowIn() {
        return ("SELECT o.user_id, o.order_id FROM orders o WHERE (o.user_id, o.product_id) %s"
                        + " (SELECT p.user_id, p.order_id FROM orders p WHERE p.amount %s)")
                .formatted(pick("IN", "NOT IN", "="), pick("> {1}", "IS NULL", "< 0"))
                .replace(
                        "= (SELECT p.user_id, p.order_id",
                        "= (SELECT MIN(p.user_id), MIN(p.order_id)");
    }

    private String quantified() {
        return "SELECT a.user_id FROM users a WHERE a.user_id %s %s (SELECT %s FROM %s) ORDER BY a.user_id"
                .formatted(
                        pick(">", "<", ">=", "=", "<>"),
                        pick("ALL", "ANY", "SOME"),
                        pick("m.x", "m.v"),
                        pick(
                                "made m",
                                "made m WHERE m.user_id > {20}",
                                "made m WHERE m.x IS NULL"));
    }

    /** What is shown of the groups is the same for all texts in them. */
    private String byText() {
        String text =
                pick("a.name", "a.code", "a.t", "a.name COLLATE utf8mb4_bin", "LOWER(a.code)");
        return ("SELECT HEX(WEIGHT_STRING(%s)) AS w, COUNT(*) AS c, SUM(a.dc), MIN(a.user_id) FROM"
                        + " users a%s GROUP BY %1$s%s ORDER BY %s")
                .formatted(
                        text,
                        where(),
                        pick(
                                "",
                                " HAVING c > 1",
                                " HAVING MIN(a.user_id) > 2",
                                " HAVING COUNT(a.u) < 9"),
                        pick("c DESC, MIN(a.user_id)", text + " DESC", "MIN(a.user_id)"));
    }

    private String objects() {
        return ("SELECT %s, JSON_OBJECTAGG(a.user_id, %s) AS o FROM users a%s GROUP BY 1 ORDER BY 1")
                .formatted(
                        pick("a.e + 0", "a.user_id % 3", "a.y"),
                        pick("a.u", "a.name", "a.j", "a.dt", "a.dc"),
                        where());
    }

    private String concatenated() {
        return "SELECT a.user_id %% 4 AS g, GROUP_CONCAT(%s ORDER BY a.user_id%s SEPARATOR '%s') FROM users a%s GROUP BY g%s"
                .formatted(
                        pick("a.name", "a.user_id", "a.e", "a.dt", "a.dc, ':', a.y"),
                        pick("", " DESC"),
                        pick("|", ", ", ""),
                        where(),
                        pick("", " WITH ROLLUP", " ORDER BY g DESC", " HAVING g > 0"));
    }

    private String correlated() {
        return ("SELECT a.user_id, (SELECT %s FROM orders o WHERE o.user_id %s a.user_id%s) AS q FROM"
                        + " users a%s ORDER BY a.user_id")
                .formatted(
                        pick("COUNT(*)", "SUM(o.amount)", "MAX(o.product_id)", "AVG(o.amount)"),
                        pick("=", "<", ">", "="),
                        pick("", " AND o.status <> ''", " AND o.amount > a.dc"),
                        where());
    }

    private String unionInOrder() {
        return "(SELECT a.user_id, 'u' AS k FROM users a%s) %s (SELECT o.user_id, %s FROM orders o) ORDER BY 1, 2%s"
                .formatted(
                        where(),
                        pick("UNION", "UNION ALL"),
                        pick("'o'", "'u'", "o.order_id"),
                        pick("", " LIMIT 7", " LIMIT 5 OFFSET 5"));
    }

    private String lastOfEach() {
        return ("SELECT o.user_id, o.order_id, o.amount FROM orders o JOIN (SELECT user_id, MAX(order_id)"
                        + " AS last FROM orders GROUP BY user_id%s) l ON l.user_id = o.user_id AND"
                        + " l.last = o.order_id%s")
                .formatted(
                        pick("", " HAVING COUNT(*) > 1"),
                        pick("", " WHERE o.amount > {1}", " ORDER BY o.user_id"));
    }

    private String times() {
        return "SELECT %s AS x, COUNT(*), MIN(a.ts), MAX(a.dt) FROM users a%s GROUP BY x ORDER BY x"
                .formatted(
                        pick(
                                "DATE(a.ts)",
                                "HOUR(a.ts)",
                                "MONTH(a.dt)",
                                "a.ts",
                                "EXTRACT(YEAR_MONTH FROM a.dt)",
                                "a.tm"),
                        where());
    }

    private String groupedByExpression() {
        return "SELECT %s AS g, COUNT(*) AS c, %s FROM users a%s GROUP BY g ORDER BY %s%s"
                .formatted(
                        pick(
                                "a.user_id % 5",
                                "a.y DIV 100", "a.dc > 0", "a.e", "a.u", "a.name IS NULL"),
                        pick(
                                "AVG(a.dc)",
                                "SUM(a.u)",
                                "MAX(a.dt)",
                                "COUNT(DISTINCT a.e, a.y)",
                                "BIT_OR(a.u)",
                                "SUM(a.dc) / COUNT(*)",
                                "MIN(a.tm)",
                                "AVG(a.y) + 1"),
                        where(),
                        pick("g", "c, g", "g DESC"),
                        pick("", " LIMIT 2"));
    }

    private String usingKey() {
        return "SELECT %s FROM users u %s JOIN orders o USING (user_id)%s"
                .formatted(
                        pick("user_id, o.order_id", "COUNT(*)", "user_id, o.amount, u.dc"),
                        pick("", "LEFT"),
                        pick("", " WHERE user_id = {5}", " WHERE o.amount > {1}"))
                .replace("user_id, o.amount, u.dc", "u.user_id, o.amount, u.dc");
    }

    private String keys() {
        return "SELECT %s FROM orders a WHERE %s ORDER BY %s, a.order_id, a.user_id%s"
                .formatted(
                        pick("*", "a.order_id, a.status", "a.amount * 2 AS d, a.user_id"),
                        pick(
                                "a.user_id IN ({1}, {2}, {3})",
                                "a.user_id IN (4, 5)",
                                "a.user_id = {4} OR a.user_id = 9",
                                "a.user_id = {6}",
                                "a.user_id IN (7) AND a.amount > 0",
                                "a.user_id BETWEEN {3} AND {6}",
                                "a.user_id IN (NULL, 2)",
                                "(a.user_id, a.order_id) IN ((1, 1), (2, 2), (3, 0))"),
                        pick("a.amount", "a.status DESC", "a.user_id", "a.product_id"),
                        limit());
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }
}
