package io.shardway.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Tables with awkward rows: every column type, NULLs, accents, trailing spaces, negative zero,
 * ties; sharded ones, a reference table and a single one, and one that random writes change.
 * Stateless but for what it draws.
 */
public final class AwkwardTables {

    private static final List<String> DEFINITIONS =
            List.of(
                    """
                    CREATE TABLE users (user_id BIGINT NOT NULL PRIMARY KEY,
                      name VARCHAR(40) COLLATE utf8mb4_0900_ai_ci, code CHAR(5) CHARACTER SET latin1,
                      bin VARBINARY(10), e ENUM('a','b',''), s SET('x','y','z'), f FLOAT, d DOUBLE,
                      dc DECIMAL(20,6), u BIGINT UNSIGNED, j JSON, ts TIMESTAMP(3) NULL, dt DATETIME(6),
                      tm TIME(2), y YEAR, bt BIT(9), t TEXT CHARACTER SET utf16, KEY by_name (name),
                      KEY by_two (code, dc))
                    """,
                    """
                    CREATE TABLE orders (user_id BIGINT NOT NULL, order_id INT NOT NULL,
                      product_id INT UNSIGNED NOT NULL DEFAULT 1, amount DECIMAL(10,2),
                      status VARCHAR(10) NOT NULL COLLATE utf8mb4_0900_as_cs,
                      PRIMARY KEY (user_id, order_id), UNIQUE KEY twice (status, user_id, order_id))
                    """,
                    """
                    CREATE TABLE made (user_id BIGINT NOT NULL PRIMARY KEY, x INT,
                      v INT GENERATED ALWAYS AS (x * 2) VIRTUAL, g VARCHAR(20)
                      GENERATED ALWAYS AS (CONCAT('g', user_id)) STORED NOT NULL,
                      KEY on_made (v), KEY on_text ((LOWER(g))))
                    """,
                    """
                    CREATE TABLE unseen (user_id BIGINT NOT NULL PRIMARY KEY,
                      hidden INT NOT NULL DEFAULT 7 INVISIBLE, `odd name` INT CHECK (`odd name` < 1000),
                      `2nd` INT, `ünï` INT COMMENT 'GENERATED ALWAYS AS (1)')
                    """,
                    """
                    CREATE TABLE stamps (user_id BIGINT NOT NULL PRIMARY KEY, at TIMESTAMP NULL,
                      kept INT GENERATED ALWAYS AS (HOUR(at)) STORED COMMENT 'STORED, ''(''',
                      made INT GENERATED ALWAYS AS (HOUR(at)) VIRTUAL, KEY (kept))
                    """,
                    """
                    CREATE TABLE keyed (user_id BIGINT NOT NULL PRIMARY KEY, at TIMESTAMP NULL,
                      made INT GENERATED ALWAYS AS (HOUR(at)) VIRTUAL, KEY (made))
                    """,
                    """
                          CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL, n INT, name VARCHAR(5),
                    d DECIMAL(6,2) DEFAULT 1.5, e ENUM('a','b') NOT NULL DEFAULT 'a',
                    twice INT GENERATED ALWAYS AS (n * 2) VIRTUAL, CHECK (d < 5000),
                            PRIMARY KEY (user_id, seq), UNIQUE KEY by_n (user_id, n))
                    """,
                    "CREATE TABLE docs (user_id BIGINT NOT NULL PRIMARY KEY, j JSON)",
                    """
                    CREATE TABLE products (id INT UNSIGNED NOT NULL PRIMARY KEY, title VARCHAR(20) NOT NULL)
                      COMMENT 'shardway:reference'
                    """,
                    "CREATE TABLE regions (id INT NOT NULL PRIMARY KEY, region VARCHAR(20) NOT NULL)",
                    """
                    CREATE VIEW shown AS SELECT user_id, name, e, dc, dc + 1 AS more, j FROM users
                      WHERE name <> 'q' AND user_id < 20
                    """,
                    """
                    CREATE VIEW bought (user_id, order_id, price, title, hour) AS
                      SELECT o.user_id, o.order_id, o.amount * 2, p.title, HOUR(u.ts) FROM users u
                      JOIN orders o ON o.user_id = u.user_id LEFT JOIN products p ON p.id = o.product_id
                      WHERE o.status <> 'open'
                    """,
                    """
                    CREATE VIEW places AS SELECT region, COUNT(*) AS n, MAX(id) AS id FROM regions
                      GROUP BY region
                    """);

    private final Random random;

    private AwkwardTables(Random random) {
        this.random = random;
    }

    /** For a keyspace with the shard key user_id; on one MySQL the comments do nothing. */
    public static List<String> definitions() {
        return DEFINITIONS;
    }

    /** SQL that fills them; the same seed makes the same rows. */
    public static List<String> rows(long seed) {
        return new AwkwardTables(new Random(seed)).rows();
    }

    private List<String> rows() {
        var rows = new ArrayList<String>();
        rows.add("SET sql_mode = '', time_zone = '+00:00'");
        for (int user = 1; user <= 24; user++) {
            rows.add(user(user));
            for (int order = random.nextInt(5); order > 0; order--) {
                rows.add(order(user, order));
            }
            rows.add("INSERT INTO made (user_id, x) VALUES (%d, %d)".formatted(user, user % 4));
            rows.add(
                    "INSERT INTO unseen (user_id, hidden, `odd name`, `2nd`, `ünï`)"
                            + " VALUES (%d, %d, %d, %s, %d)"
                                    .formatted(user, user % 3, user, pick("NULL", "2"), -user));
        }
        rows.addAll(stamps());
        rows.addAll(docs());
        rows.add("INSERT INTO products VALUES (1, 'pen'), (2, 'Pen '), (3, 'ink'), (9, '')");
        rows.add("INSERT INTO regions VALUES (1, 'north'), (2, 'South'), (3, 'émile'), (7, '')");
        return rows;
    }

    /** Written in a time zone that is not UTC. */
    private static List<String> stamps() {
        var rows = new ArrayList<String>();
        rows.add("SET time_zone = '+03:00'");
        for (int user = 1; user <= 8; user++) {
            for (String table : List.of("stamps", "keyed")) {
                rows.add(
                        "INSERT INTO %s (user_id, at) VALUES (%d, '2024-05-01 %02d:30:00')"
                                .formatted(table, user, user * 2 % 7));
            }
        }
        return rows;
    }

    /** Of users up to 8 as a text can tell them, beyond as only SQL makes them. */
    private static List<String> docs() {
        var rows = new ArrayList<String>();
        for (int user = 1; user <= 8; user++) {
            rows.add(
                    "INSERT INTO docs VALUES (%d, '[{\"a\": %1$d.5, \"b\": [1e300, -0.0, null]}]')"
                            .formatted(user));
        }
        rows.add("INSERT INTO docs VALUES (11, JSON_OBJECT('a', 1.10))");
        rows.add("INSERT INTO docs VALUES (12, JSON_ARRAY(CAST('2024-01-01' AS DATE)))");
        rows.add("INSERT INTO docs VALUES (13, JSON_ARRAY(X'FF'))");
        rows.add("INSERT INTO docs VALUES (14, JSON_ARRAY(12345678901234567890.25))");
        rows.add("INSERT INTO docs VALUES (15, JSON_ARRAY(2.5))");
        rows.add("INSERT INTO docs VALUES (16, JSON_OBJECT('a', CAST(7 AS UNSIGNED)))");
        rows.add("INSERT INTO docs VALUES (17, CAST('18446744073709551615' AS JSON))");
        rows.add("INSERT INTO docs VALUES (18, NULL)");
        return rows;
    }

    private String user(int user) {
        return "INSERT INTO users VALUES ("
                + String.join(
                        ", ",
                        "" + user,
                        pick(
                                "NULL", "'a'", "'A'", "'á'", "'a '", "'b'", "''", "'ß'", "'😀'",
                                "'ss'"),
                        pick("NULL", "'x'", "'x '", "'é'", "'X'", "''", "'12'"),
                        pick("NULL", "X'00'", "X'0061'", "'a '", "X'FF'", "''"),
                        pick("NULL", "'a'", "'b'", "''"),
                        pick("NULL", "''", "'x'", "'y,z'", "'x,y,z'"),
                        pick("NULL", "0", "-0e0", "1.1", "3.4028234e38", "1e-30", "16777217"),
                        pick("NULL", "0", "-0e0", "0.1", "1e300", "123456789.123456789"),
                        pick("NULL", "0", "-0.000001", "12345678901234.123456", "1.5", "-7"),
                        pick("NULL", "0", "18446744073709551615", "42"),
                        pick(
                                "NULL",
                                "'{\"a\": 1}'",
                                "'[1, 1.5, \"é\", null]'",
                                "'\"😀\"'",
                                "'{\"a\": {\"b\": 9007199254740993}}'"),
                        pick(
                                "NULL",
                                "'2024-03-31 01:30:00.123'",
                                "'2024-10-27 01:30:00'",
                                "'1970-01-01 00:00:01'"),
                        pick(
                                "NULL",
                                "'2024-02-29 23:59:59.999999'",
                                "'0000-00-00 00:00:00'",
                                "'1000-01-01'",
                                "'2020-00-10'"),
                        pick("NULL", "'-838:59:59'", "'12:34:56.78'", "'00:00:00'"),
                        pick("NULL", "0", "1999", "2155"),
                        pick("NULL", "b'0'", "b'111111111'", "b'10000'"),
                        pick("NULL", "''", "'é'", "'a\\nb'", "'😀'"))
                + ")";
    }

    private String order(int user, int order) {
        return "INSERT INTO orders VALUES (%d, %d, %s, %s, %s)"
                .formatted(
                        user,
                        order,
                        pick("1", "2", "3", "4"),
                        pick("NULL", "0", "-0.01", "9.99", "10", "12345678.90"),
                        pick("'open'", "'Open'", "'done'", "'öpen'", "''"));
    }

    private String pick(String... values) {
        return values[random.nextInt(values.length)];
    }
}
