package io.shardway.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random writes of the table items of {@link AwkwardTables}, with values in braces: rows of several
 * keys, alone and in transactions. Confined to one thread.
 */
final class RandomWrites {

    /** A table that is there for the length of an episode. */
    static final String FRESH = "fresh";

    private static final int KEYS = 8;

    private final Random random;

    RandomWrites(Random random) {
        this.random = random;
    }

    /** Whether a statement writes rows, and is not one of those around it. */
    static boolean isOfRows(String statement) {
        return switch (Episode.firstWord(statement)) {
            case "INSERT", "REPLACE", "UPDATE", "DELETE" -> true;
            default -> false;
        };
    }

    /** The statements of one session. */
    List<String> episode() {
        var statements = new ArrayList<String>();
        if (random.nextInt(4) == 0) {
            statements.add("SET sql_mode = ''");
        }
        if (random.nextInt(40) == 0) {
            statements.addAll(freshTable());
            return statements;
        }
        if (random.nextInt(3) > 0) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                statements.add(write());
            }
            return statements;
        }
        statements.add(pick("BEGIN", "START TRANSACTION", "BEGIN"));
        for (int i = 1 + random.nextInt(6); i >= 0; i--) {
            statements.add(random.nextInt(4) == 0 ? savepoint() : write());
        }
        statements.add(pick("COMMIT", "COMMIT", "ROLLBACK"));
        return statements;
    }

    /** A table made of rows, read and dropped again. */
    private List<String> freshTable() {
        String create =
                "CREATE TABLE fresh "
                        + pick(
                                "SELECT a.user_id, a.seq, a.n, a.name FROM items a",
                                "AS SELECT a.* FROM items a WHERE a.user_id < 6",
                                "(PRIMARY KEY (user_id, seq)) SELECT a.user_id, a.seq, a.n * 2 AS n,"
                                        + " UPPER(a.name) AS name, a.d, a.e FROM items a WHERE a.n < 3",
                                "(user_id BIGINT NOT NULL PRIMARY KEY) SELECT a.user_id, a.amount,"
                                        + " a.status FROM orders a",
                                "(user_id BIGINT NOT NULL PRIMARY KEY) IGNORE SELECT a.user_id, a.amount,"
                                        + " a.status FROM orders a ORDER BY a.user_id, a.order_id",
                                "(n TINYINT, x INT DEFAULT 5) SELECT a.user_id, a.n * 100 AS n FROM items a"
                                        + " ORDER BY a.user_id, a.seq",
                                "SELECT a.user_id, COUNT(*) AS c, SUM(a.n) AS s, AVG(a.d) AS d FROM"
                                        + " items a GROUP BY a.user_id",
                                "SELECT COUNT(*) AS c, MAX(a.name) AS m FROM items a",
                                "SELECT b.*, a.seq FROM users b JOIN items a ON a.seq = b.user_id",
                                "SELECT a.user_id, p.title FROM items a JOIN products p ON p.id = a.seq"
                                        + " UNION SELECT user_id, status FROM orders",
                                "TABLE orders");
        // Where that failed it is there now; else it stays as it is.
        String again = "CREATE TABLE IF NOT EXISTS fresh SELECT a.user_id FROM items a";
        return List.of(write(), create, again, "SELECT a.* FROM fresh a", "DROP TABLE fresh");
    }

    private String savepoint() {
        return pick(
                "SAVEPOINT a",
                "ROLLBACK TO a",
                "SAVEPOINT b",
                "ROLLBACK TO b",
                "RELEASE SAVEPOINT a");
    }

    private String write() {
        return switch (random.nextInt(15)) {
            case 11, 12 -> first();
            case 13 -> subquery();
            case 14 -> random.nextBoolean() ? join() : move();
            case 0, 1 -> "UPDATE items SET n = " + value() + where();
            case 2 ->
                    "UPDATE items SET name = "
                            + pick("{'u'}", "NULL", "'too long'", "CONCAT(name, 'x')")
                            + where();
            case 3 -> "DELETE FROM items" + where();
            case 5 ->
                    "UPDATE items SET d = "
                            + pick("d * {1.1}", "d + n", "{0.005}", "d / 3", "'x'", "9999", "NULL")
                            + pick("", ", e = {'b'}", ", e = 'c'", ", e = DEFAULT")
                            + where();
            case 6 -> insertSelect();
            case 4 -> "UPDATE items SET n = " + value() + ", name = 'two'" + where();
            default -> insert();
        };
    }

    private String key() {
        return "{" + (1 + random.nextInt(KEYS)) + "}";
    }

    private String keys() {
        var keys = new ArrayList<String>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            keys.add(random.nextInt(12) == 0 ? pick("NULL", "-1", "{9}") : key());
        }
        return String.join(", ", keys);
    }

    private String value() {
        return pick("NULL", "{0}", "{1}", "2", "3", "n", "n + {1}", "'4'", "user_id", "7 DIV seq");
    }

    private String row() {
        return "(%s, %s, %s, %s)"
                .formatted(
                        key(),
                        pick("{1}", "{2}", "3"),
                        pick("NULL", "{1}", "{2}", "3", "'5'", "'x'", "6 * 2", "{NULL}"),
                        pick("NULL", "{'a'}", "'B '", "'(),'", "{'too long'}", "DEFAULT", "{'é'}"));
    }

    private String insert() {
        var rows = new ArrayList<String>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            rows.add(row());
        }
        boolean update = random.nextInt(3) == 0;
        String verb = update ? "INSERT" : pick("INSERT", "INSERT IGNORE", "REPLACE", "INSERT");
        return verb
                + " INTO items (user_id, seq, n, name) VALUES "
                + String.join(", ", rows)
                + (update ? " ON DUPLICATE KEY UPDATE " + onDuplicate() : "");
    }

    /** In an order where it decides which of two rows stays. */
    private String insertSelect() {
        boolean update = random.nextInt(4) == 0;
        return (update ? "INSERT" : pick("INSERT", "INSERT IGNORE", "REPLACE"))
                + " INTO items (user_id, seq, n, name) "
                + pick(
                                "SELECT a.user_id, a.seq + {3}, a.n, a.name FROM items a",
                                "SELECT a.user_id % 8 + 1, a.seq, a.n * {2}, UPPER(a.name) FROM items a",
                                "SELECT a.user_id, 4, SUM(a.n), 'sum' FROM items a GROUP BY a.user_id",
                                "SELECT a.user_id, a.order_id, a.amount, a.status FROM orders a",
                                "SELECT a.user_id, 5, b.n, 'join' FROM made a JOIN items b ON b.seq = a.x",
                                "SELECT a.user_id, a.seq, a.d, a.e FROM items a WHERE a.user_id IN ({1}, {2})")
                        .transform(select ->
                                select.contains("GROUP BY")
                                        ? select + " ORDER BY a.user_id"
                                        : select + random(" WHERE a.user_id < {6}", select))
                + (update
                        ? " ON DUPLICATE KEY UPDATE " + pick("n = VALUES(n)", "name = 'dup'")
                        : "");
    }

    private String random(String where, String select) {
        String condition = select.contains("WHERE") || random.nextBoolean() ? "" : where;
        String last =
                select.contains("orders a")
                        ? "a.user_id, a.order_id"
                        : select.contains("JOIN")
                                ? "a.user_id, b.user_id, b.seq"
                                : "a.user_id, a.seq";
        return condition + " ORDER BY " + last;
    }

    private String onDuplicate() {
        return pick(
                "n = VALUES(n)",
                "name = {'dup'}",
                "n = n",
                "n = items.n + 10, name = VALUES(name)");
    }

    /** The order decides which rows these are, and which of two is a duplicate. */
    private String first() {
        String rows = where() + order() + pick(" LIMIT {2}", " LIMIT 3", " LIMIT {5}", " LIMIT 0");
        return random.nextInt(3) == 0
                ? pick("DELETE", "DELETE IGNORE") + " FROM items" + rows
                : pick("UPDATE", "UPDATE", "UPDATE IGNORE") + " items SET " + set() + rows;
    }

    private String order() {
        return " ORDER BY "
                + pick(
                        "n, user_id, seq",
                        "name DESC, user_id, seq",
                        "seq DESC, user_id DESC",
                        "d, seq, user_id",
                        "-n, e, user_id, seq DESC",
                        "user_id, seq");
    }

    private String set() {
        return pick(
                "n = " + value(),
                "name = {'first'}",
                "name = 'much too long'",
                "d = d * 2, n = n - 1",
                "d = {6000}",
                "e = 'b', name = CONCAT(name, name)",
                "seq = seq + 1",
                "seq = {2}, n = NULL",
                "user_id = " + key(),
                "user_id = user_id % 8 + 1, seq = seq + 2",
                "n = seq, seq = n");
    }

    private String subquery() {
        String condition =
                pick(
                        "user_id IN (SELECT o.user_id FROM orders o WHERE o.amount > {5})",
                        "NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_id = items.seq AND o.user_id < {6})",
                        "n = (SELECT MAX(m.x) FROM made m WHERE m.user_id > items.user_id)",
                        "seq IN (SELECT r.id FROM regions r)",
                        "n > (SELECT AVG(i.n) FROM (SELECT DISTINCT n FROM items) AS i)",
                        "seq = (SELECT p.id FROM products p WHERE p.title = 'pen')",
                        "user_id = (SELECT user_id FROM items)");
        return switch (random.nextInt(4)) {
            case 0 -> "DELETE FROM items WHERE " + condition + random(" AND n > {1}", "");
            case 1 ->
                    "UPDATE items SET "
                            + pick("n", "d", "name")
                            + " = "
                            + pick(
                                    "(SELECT COUNT(*) FROM orders o WHERE o.user_id = items.user_id)",
                                    "(SELECT SUM(o.amount) FROM orders o WHERE o.order_id = items.seq)",
                                    "(SELECT MIN(r.region) FROM regions r WHERE r.id > items.seq)",
                                    "(SELECT m.x FROM made m WHERE m.user_id = items.user_id + {1})")
                            + where()
                            + order();
            default ->
                    pick("UPDATE", "UPDATE", "UPDATE IGNORE")
                            + " items SET "
                            + set()
                            + " WHERE "
                            + condition
                            + order();
        };
    }

    /** Whatever the order is in which rows meet, the same becomes of them. */
    private String join() {
        return pick(
                "UPDATE items JOIN regions r ON r.id = items.seq SET items.name = LEFT(r.region, 5)",
                "UPDATE items i LEFT JOIN products p ON p.id = i.n SET i.d = i.d + {1}, i.name = NULL"
                        + " WHERE p.id IS NULL",
                "UPDATE items i JOIN (SELECT user_id, MAX(seq) AS top FROM items GROUP BY user_id) AS t"
                        + " ON t.user_id = i.user_id AND t.top = i.seq SET i.name = {'top'}, i.n = NULL",
                "UPDATE items i JOIN made m ON m.x = i.seq SET i.e = 'b', i.d = {2}",
                "UPDATE items, (SELECT MAX(amount) AS most FROM orders) w SET items.d = w.most"
                        + " WHERE items.n > {2}",
                "DELETE i FROM items i JOIN orders o ON o.order_id = i.n AND o.user_id = {3}",
                "DELETE FROM i USING items i LEFT JOIN made m ON m.user_id = i.user_id AND m.x = i.seq WHERE"
                        + " m.x IS NULL AND i.n > {1}");
    }

    private String move() {
        return pick("UPDATE", "UPDATE", "UPDATE IGNORE")
                + " items SET user_id = "
                + pick("user_id + 1", key(), "user_id % 8 + 1", "n", "seq", "'x'", "user_id")
                + pick("", ", seq = seq + {10}", ", n = NULL", ", name = 'moved'")
                + where()
                + " ORDER BY "
                + pick("user_id DESC, seq DESC", "user_id, seq", "seq, user_id");
    }

    private String where() {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> " WHERE user_id IN (" + keys() + ")";
            case 2 -> " WHERE seq = 1 AND user_id IN (" + keys() + ")";
            case 3 -> " WHERE n > {" + random.nextInt(4) + "}";
            case 4 -> " WHERE user_id = " + key();
            default -> " WHERE name <=> " + pick("NULL", "{'a'}", "'dup'") + " OR seq = 3";
        };
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }
}
