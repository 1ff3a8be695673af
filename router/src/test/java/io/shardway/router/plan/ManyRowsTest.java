package io.shardway.router.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is planned by two rows is what the parser makes of all of them. */
class ManyRowsTest {

    private final StatementPlanner planner = new StatementPlanner();

    /** The row in braces comes twenty times, # is another number in each. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)}",
                "INSERT INTO orders (order_id, user_id) VALUES {(1, -#)}",
                "INSERT INTO orders (order_id, user_id, note) VALUES {(-1, #, 'a,(')}",
                "INSERT INTO orders (user_id, order_id, note) VALUES {(#, 1.5e3, NULL)} /* end */",
                "INSERT INTO store.orders (user_id, order_id) VALUES {(?, ?)}",
                "INSERT INTO orders (order_id, note, user_id) VALUE {(3, DEFAULT, ?)}",
                "INSERT IGNORE INTO orders (user_id, order_id, total) VALUES {(#, 4, TRUE)}",
                "REPLACE INTO orders (user_id, order_id, total) VALUES {(#, 4, +1)}",
                "/* a */ insert into `orders` (`user_id`, order_id) values {(#, x'41')}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)} ON DUPLICATE KEY UPDATE"
                        + " total = VALUES(total) + ?",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)} AS n ON DUPLICATE KEY UPDATE"
                        + " total = n.total",
                "INSERT INTO orders (user_id, order_id) VALUES {(5, 1)}",
                "INSERT INTO orders (user_id, note) VALUES {(#, 'a' 'b')}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, NULL)}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, NULL)}, (7, 8), (?, DEFAULT), (9, ?)",
                "INSERT INTO orders (order_id, user_id) VALUES {(8, #)}, (NULL, 7), (?, 8)",
                "INSERT INTO orders VALUES {(DEFAULT, #, ?, 'a', 'b')}",
                "REPLACE orders (total, user_id) VALUES {(?, #)}",
                "INSERT INTO users (name) VALUES {('a')}",
                "INSERT INTO users (name, user_id) VALUES {(?, NULL)}",
                "INSERT INTO users (user_id, name) VALUES {(DEFAULT, ?)}, (7, 'b'), (-3, ?), (?, 'c')",
                "INSERT INTO users (user_id, name) VALUES {(#, 'a')}, (0, 'b'), (NULL, 'c')",
                "INSERT INTO orders (user_id, order_id) VALUES {(?, 1)} ON DUPLICATE KEY UPDATE"
                        + " total = ?"
            })
    void plansAsTheParserDoes(String shape) {
        String sql = sql(shape, 20);
        assertThat(byTwo(sql)).contains(byAll(sql)).get().isNotInstanceOf(Plan.Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders (user_id, order_id) VALUES {(NULL, #)}",
                "INSERT INTO orders (order_id) VALUES {(#)}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1, 2)}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)} ON DUPLICATE KEY UPDATE"
                        + " user_id = 5"
            })
    void refusesAsTheParserDoes(String shape) {
        String sql = sql(shape, 20);
        assertThat(byTwo(sql)).contains(byAll(sql)).get().isInstanceOf(Plan.Rejected.class);
    }

    /** The parser has to read all of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1 + 1)}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, NOW())}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, @a)}",
                "INSERT INTO orders (user_id, order_id) VALUES {ROW(#, 1)}",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)}, (4, 5, 6)",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)}, (NULL, 6)",
                "INSERT INTO orders (user_id, order_id) VALUES {(#, 1)}, (4, 5),",
                "INSERT INTO orders SET user_id = 1, order_id = VALUES (2)",
                "INSERT INTO orders (user_id, order_id) SELECT * FROM (VALUES ROW(1, 2)) AS v",
                "SELECT {(#)}"
            })
    void leavesItToTheParser(String shape) {
        assertThat(byTwo(sql(shape, 20))).isEmpty();
    }

    private static String sql(String shape, int rows) {
        int open = shape.indexOf('{');
        int close = shape.indexOf('}');
        if (open < 0) {
            return shape;
        }
        String row = shape.substring(open + 1, close);
        String all =
                IntStream.range(0, rows)
                        .mapToObj(i -> row.replace("#", Integer.toString(i * 7 + 1)))
                        .collect(Collectors.joining(","));
        return shape.substring(0, open) + all + shape.substring(close + 1);
    }

    private Optional<Plan> byTwo(String sql) {
        byte[] text = sql.getBytes(UTF_8);
        return ManyRows.plan(text, 0, text.length, SqlDialect.DEFAULT, this::plan)
                .map(Planned::plan);
    }

    private Plan byAll(String sql) {
        return plan(sql.getBytes(UTF_8)).plan();
    }

    private Planned plan(byte[] text) {
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        return planner.plan(
                text, 0, text.length, SqlDialect.DEFAULT, lexer, "store", TestCatalog.catalog());
    }
}
