package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.ColumnSchema;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.TableKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which reads the shards answer by themselves, and what they are sent. */
class ScatterTest {

    private static final Catalog CATALOG = catalog();

    private static Catalog catalog() {
        var bigint = new KeyType.Integer(8, false);
        var table =
                new TableSchema(
                        "orders",
                        TableKind.SHARDED,
                        Optional.of(new TableSchema.Key("user_id", bigint)),
                        List.of(
                                column("order_id", "bigint"),
                                column("user_id", "bigint"),
                                column("total", "decimal"),
                                column("note", "varchar")));
        var store =
                new KeyspaceSchema("store", "user_id", new SchemaEpoch(3), Map.of("orders", table));
        return new Catalog(new Epoch(7), Map.of("store", store), Set.of());
    }

    private static ColumnSchema column(String name, String type) {
        return new ColumnSchema(name, type, type, "", false, false);
    }

    private static Plan.Assemble plan(String sql) {
        Literals literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        Plan plan =
                new StatementPlanner()
                        .plan(text, 0, text.length, SqlDialect.DEFAULT, literals, "store", CATALOG)
                        .plan();
        assertThat(plan).as(sql).isInstanceOf(Plan.Assemble.class);
        return (Plan.Assemble) plan;
    }

    private static String describe(Scatter scatter) {
        String keys =
                scatter.order().stream()
                        .map(key -> key.column() + (key.descending() ? "-" : "+") + key.item())
                        .collect(Collectors.joining(","));
        return keys + scatter.parts();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM orders | []",
                "SELECT order_id + 1 FROM orders WHERE note LIKE 'a%' | []",
                "SELECT * FROM orders ORDER BY order_id DESC, user_id | order_id--1,user_id+-1[]",
                "SELECT note, order_id AS id FROM orders ORDER BY id | order_id+1[]",
                "SELECT note, order_id FROM orders ORDER BY 2 DESC | order_id-1[]",
                "SELECT COUNT(*), SUM(order_id) FROM orders | [COUNT, SUM]",
                "SELECT user_id, COUNT(*) FROM orders GROUP BY user_id | user_id+0[GROUP, COUNT]",
                "SELECT MAX(user_id), order_id FROM orders GROUP BY order_id ORDER BY order_id DESC |"
                        + " order_id-1[MAX, GROUP]",
            })
    void isForWhatEachShardMakesByItself(String sql, String expected) {
        Plan.Assemble plan = plan(sql);
        assertThat(plan.scatter().map(ScatterTest::describe)).isEqualTo(Optional.of(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT DISTINCT user_id FROM orders",
                "SELECT NOW(), user_id FROM orders",
                "SELECT user_id, CURRENT_DATE FROM orders",
                "SELECT RAND() FROM orders",
                "SELECT @x, user_id FROM orders",
                "SELECT SQL_CALC_FOUND_ROWS user_id FROM orders LIMIT 1",
                "SELECT user_id FROM orders ORDER BY note",
                "SELECT user_id FROM orders ORDER BY user_id + 1",
                "SELECT note FROM orders ORDER BY user_id",
                "SELECT -user_id AS user_id FROM orders ORDER BY user_id",
                "SELECT user_id FROM orders HAVING user_id > 1",
                "SELECT COUNT(DISTINCT user_id) FROM orders",
                "SELECT COUNT(*) + 1 FROM orders",
                "SELECT AVG(order_id) FROM orders",
                "SELECT MAX(note) FROM orders",
                "SELECT COUNT(*), user_id FROM orders",
                "SELECT COUNT(*) FROM orders ORDER BY 1",
                "SELECT note, COUNT(*) FROM orders GROUP BY note",
                "SELECT COUNT(*) FROM orders GROUP BY user_id",
                "SELECT user_id, COUNT(*) FROM orders GROUP BY user_id WITH ROLLUP",
                "SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id ORDER BY n",
                "SELECT user_id FROM orders WHERE order_id IN (SELECT 1)",
                "SELECT COUNT(*) OVER () FROM orders",
                "SELECT user_id FROM orders UNION SELECT 1",
                "SELECT a.user_id FROM orders a, orders b",
                "SELECT user_id FROM orders WHERE user_id > 'five'",
            })
    void isForNothingElse(String sql) {
        assertThat(plan(sql).scatter()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT user_id FROM orders LIMIT 5 | 0 | 5 | SELECT user_id FROM orders LIMIT 5",
                "SELECT user_id FROM orders LIMIT 2, 5 -- x | 2 | 5 |"
                        + " SELECT user_id FROM orders LIMIT 7 -- x",
                "SELECT user_id FROM orders LIMIT 5 OFFSET 2 | 2 | 5 |"
                        + " SELECT user_id FROM orders LIMIT 7",
                "SELECT user_id FROM orders LIMIT 3, 18446744073709551615 | 3 | 9223372036854775807 |"
                        + " SELECT user_id FROM orders LIMIT 9223372036854775807",
                "SELECT user_id, COUNT(*) FROM orders o GROUP BY user_id LIMIT 1, 2 | 1 | 2 |"
                        + " SELECT user_id, COUNT(*) FROM orders o GROUP BY user_id ORDER BY"
                        + " `o`.`user_id` LIMIT 3",
                "SELECT user_id, order_id, COUNT(*) FROM orders GROUP BY 1 + 0, user_id | | | ",
                "SELECT user_id, order_id, COUNT(*) FROM orders GROUP BY user_id, order_id ORDER BY"
                        + " order_id DESC | 0 | 9223372036854775807 | SELECT user_id, order_id,"
                        + " COUNT(*) FROM orders GROUP BY user_id, order_id ORDER BY order_id DESC,"
                        + " `orders`.`user_id`",
            })
    void sendsEachShardWhatReachesFarEnough(String sql, Long skipped, Long count, String sent) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        Optional<Scatter.Written> written =
                plan(sql)
                        .scatter()
                        .flatMap(scatter ->
                                scatter.write(
                                        text,
                                        0,
                                        text.length,
                                        SqlDialect.DEFAULT,
                                        ParameterValues.NONE));
        if (sent == null) {
            assertThat(written).isEmpty();
            return;
        }
        assertThat(new String(written.orElseThrow().sent().text(), StandardCharsets.UTF_8))
                .isEqualTo(sent);
        assertThat(written.get().range()).isEqualTo(new Scatter.Range(skipped, count));
    }

    @Test
    void aMarkerInATextWithoutParametersIsLeftToMySql() {
        String sql = "SELECT user_id FROM orders LIMIT ?";
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        assertThat(
                        plan(sql)
                                .scatter()
                                .orElseThrow()
                                .write(
                                        text,
                                        0,
                                        text.length,
                                        SqlDialect.DEFAULT,
                                        ParameterValues.NONE))
                .isEmpty();
        assertThat(asked(sql).rowsMax()).isEqualTo(Long.MAX_VALUE);
    }

    /** Numbers of a prepared statement's LIMIT: the text is the same for all of them. */
    private static String sent(Scatter.Sent sent) {
        return "%s %s %s"
                .formatted(
                        new String(sent.text(), StandardCharsets.UTF_8),
                        sent.parameters().map(Arrays::toString).orElse("own"),
                        Arrays.toString(sent.numbers()));
    }

    @Test
    void aPreparedPageHasItsNumbersAsParameters() {
        String sql =
                "SELECT ?, user_id AS u, total FROM orders WHERE note = ? ORDER BY u DESC LIMIT ?"
                        + " OFFSET ? FOR SHARE";
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        Scatter scatter = plan(sql).scatter().orElseThrow();
        Scatter.Written written =
                scatter.write(text, 0, text.length, SqlDialect.DEFAULT, numbers(0, 0, 3, 5000))
                        .orElseThrow();
        assertThat(written.range()).isEqualTo(new Scatter.Range(5000, 3));
        assertThat(sent(written.sent()))
                .isEqualTo(
                        "SELECT ?, user_id AS u, total FROM orders WHERE note = ? ORDER BY u DESC"
                                + " LIMIT ? FOR SHARE [0, 1, -1] [5003]");
        assertThat(sent(scatter.writeNarrow(text, SqlDialect.DEFAULT, true, 5003)))
                .isEqualTo(
                        "SELECT `orders`.`user_id` FROM orders WHERE note = ? ORDER BY"
                                + " `orders`.`user_id` DESC LIMIT ? [1, -1] [5003]");
        assertThat(sent(scatter.writePage(text, SqlDialect.DEFAULT, true, new Scatter.Range(7, 2))))
                .isEqualTo(
                        "SELECT ?, user_id AS u, total FROM orders WHERE note = ? ORDER BY u DESC"
                                + " LIMIT ? OFFSET ? FOR SHARE [0, 1, -1, -2] [2, 7]");
    }

    private static ParameterValues numbers(long... values) {
        return new ParameterValues() {
            @Override
            public Kind kind(int index) {
                return Kind.SIGNED;
            }

            @Override
            public long integer(int index) {
                return values[index];
            }

            @Override
            public double floating(int index) {
                throw new IllegalStateException("no such value");
            }

            @Override
            public byte[] bytes(int index) {
                throw new IllegalStateException("no such value");
            }

            @Override
            public boolean unicodeValues() {
                return true;
            }
        };
    }

    private static AssembledText.Asked asked(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        return AssembledText.asked(
                text,
                0,
                text.length,
                SqlDialect.DEFAULT,
                plan(sql).tables().getFirst(),
                ParameterValues.NONE,
                false);
    }

    @Test
    void firstRowsAreEnoughWhereAllConditionsAreAskedOnTheShards() {
        assertThat(
                        asked(
                                "SELECT UPPER(note) AS n FROM orders o WHERE (total > 1 AND note ="
                                        + " 'a') ORDER BY o.note DESC, user_id LIMIT 2, 3"))
                .isEqualTo(
                        new AssembledText.Asked(
                                " AS `o` WHERE (total > 1) AND (note = 'a')",
                                List.of(),
                                " ORDER BY `o`.`note` DESC, `o`.`user_id`",
                                List.of(new Top.Key("note", true), new Top.Key("user_id", false)),
                                new Scatter.Range(0, 5),
                                new Scatter.Range(2, 3)));
    }

    @Test
    void ofTheAnswersRowsAloneNoneIsSkipped() {
        for (String limit : List.of("LIMIT 2, 3", "LIMIT 3 OFFSET 2")) {
            String sql = "SELECT * FROM orders ORDER BY note " + limit + " /* end */";
            Top top = plan(sql).tables().getFirst().top().orElseThrow();
            assertThat(
                            sent(
                                    top.unskipped(
                                            sql.getBytes(StandardCharsets.UTF_8),
                                            SqlDialect.DEFAULT,
                                            new Scatter.Range(2, 3))))
                    .isEqualTo("SELECT * FROM orders ORDER BY note LIMIT 3 /* end */ own []");
        }
        String bound = "SELECT ?, user_id FROM orders ORDER BY note LIMIT ?, 3";
        assertThat(
                        sent(
                                plan(bound)
                                        .tables()
                                        .getFirst()
                                        .top()
                                        .orElseThrow()
                                        .unskipped(
                                                bound.getBytes(StandardCharsets.UTF_8),
                                                SqlDialect.DEFAULT,
                                                new Scatter.Range(2, 3))))
                .isEqualTo("SELECT ?, user_id FROM orders ORDER BY note LIMIT ? [0, -1] [3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT user_id FROM orders ORDER BY note",
                "SELECT user_id FROM orders WHERE total > 1 OR note = 'a' ORDER BY note LIMIT 1",
                "SELECT user_id FROM orders WHERE (total = 1 OR note = 'a') AND total > 0 LIMIT 1",
                "SELECT user_id FROM orders WHERE NOT total = 1 ORDER BY note LIMIT 1",
                "SELECT user_id FROM orders WHERE total + 1 > 1 ORDER BY note LIMIT 1",
                "SELECT DISTINCT * FROM orders ORDER BY note LIMIT 1",
                "SELECT COUNT(*) FROM orders LIMIT 1",
                "SELECT note, STD(total) FROM orders GROUP BY note ORDER BY note LIMIT 1",
                "SELECT ROW_NUMBER() OVER (ORDER BY note) FROM orders LIMIT 1",
                "SELECT UPPER(note) AS note FROM orders ORDER BY note LIMIT 1",
                "SELECT SQL_CALC_FOUND_ROWS note FROM orders ORDER BY note LIMIT 1",
                "SELECT note FROM orders HAVING note = 'a' ORDER BY note LIMIT 1",
                "SELECT a.note FROM orders a, orders b ORDER BY a.note LIMIT 1",
            })
    void elseAllRowsAreBrought(String sql) {
        assertThat(plan(sql).isFinished()).isFalse();
        assertThat(asked(sql).rowsMax()).isEqualTo(Long.MAX_VALUE);
    }
}
