package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementPlannerTest {

    private final StatementPlanner planner = new StatementPlanner();

    @TestFactory
    Stream<DynamicTest> everyCaseGetsItsPlan() {
        PlanCases.clearActual();
        return PlanCases.all().stream()
                .map(planCase ->
                        dynamicTest(
                                planCase.file() + ": " + planCase.sentence(),
                                () -> check(planCase)));
    }

    private void check(PlanCases.PlanCase planCase) {
        var literals = ScannedSql.of(planCase.sql(), planCase.dialect());
        byte[] text = literals.text();
        Plan plan =
                planner.plan(
                                text,
                                0,
                                text.length,
                                planCase.dialect(),
                                literals,
                                planCase.keyspace(),
                                TestCatalog.catalog())
                        .plan();
        String actual = PlanText.of(plan, literals);
        PlanCases.recordActual(planCase, actual);
        assertThat(actual).isEqualTo(planCase.expected());
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        int depth = 20_000;
        String sql =
                "SELECT 1 FROM orders WHERE " + "(".repeat(depth) + "user_id" + ")".repeat(depth);
        assertThat(plan(sql)).isInstanceOf(Plan.Rejected.class);
    }

    @Test
    void readsAStatementInTheMiddleOfABuffer() {
        String before = "SELECT 'x', 1; ";
        String sql = before + "SELECT name FROM users WHERE user_id = 42";
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        var literals = new Lexer();
        literals.scan(text, before.length(), text.length, SqlDialect.DEFAULT);
        Plan plan =
                planner.plan(
                                text,
                                before.length(),
                                text.length,
                                SqlDialect.DEFAULT,
                                literals,
                                "store",
                                TestCatalog.catalog())
                        .plan();
        assertThat(PlanText.of(plan, literals)).isEqualTo("Keyed READ key=42 COMPARED");
    }

    @Test
    void refusesWhenTheLexersDisagree() {
        String sql = "SELECT name FROM users WHERE user_id = 42";
        var none = ScannedSql.of("SELECT name FROM users", SqlDialect.DEFAULT);
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        Plan plan =
                planner.plan(
                                text,
                                0,
                                text.length,
                                SqlDialect.DEFAULT,
                                none,
                                "store",
                                TestCatalog.catalog())
                        .plan();
        assertThat(plan).isInstanceOf(Plan.Rejected.class);
    }

    @Test
    void putsTraitsIntoAPlan() {
        var traits =
                new Traits(
                        true,
                        java.util.List.of(),
                        false,
                        false,
                        false,
                        false,
                        false,
                        InsertId.KEPT);
        Plan plan = StatementPlanner.withTraits(plan("SELECT 1"), traits);
        assertThat(plan).isEqualTo(new Plan.OnDefaultShard(Access.READ, traits));
    }

    @Test
    void saysWhichReferenceTablesAnAssembledReadReads() {
        Plan plan =
                StatementPlanner.withTraits(
                        plan("SELECT COUNT(*) FROM orders, products"), Traits.NONE);
        assertThat(plan)
                .isInstanceOfSatisfying(
                        Plan.Assemble.class,
                        assemble ->
                                assertThat(assemble.traits().references())
                                        .containsExactly(new ReferenceTable("store", "products")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM orders WHERE user_id = 1",
                "SELECT (SELECT MAX(order_id) FROM orders WHERE user_id = 1)",
                "INSERT INTO orders (user_id) VALUES (1)",
                "EXPLAIN SELECT * FROM orders WHERE user_id = 1",
            })
    void saysThatTablesAreTouched(String sql) {
        assertThat(StatementPlanner.withTraits(plan(sql), Traits.NONE)).matches(touches(true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT 'from orders'",
                "SELECT EXTRACT(YEAR FROM NOW())",
                "SELECT 1 FROM DUAL",
                "SELECT * FROM (SELECT 1 AS a) AS x",
                "SHOW STATUS",
                "DO 1"
            })
    void saysThatNoTablesAreTouched(String sql) {
        assertThat(StatementPlanner.withTraits(plan(sql), Traits.NONE)).matches(touches(false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders (user_id, total) VALUES (1, 2), (1, 3)",
                "INSERT INTO orders SET user_id = 1",
            })
    void saysThatEachRowDrawsAnId(String sql) {
        assertThat(insertId(sql)).isEqualTo(InsertId.DRAWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT IGNORE INTO orders (user_id, total) VALUES (1, 2)",
                "INSERT INTO orders (user_id) VALUES (1) ON DUPLICATE KEY UPDATE total = 1",
                "INSERT INTO orders (ORDER_ID, user_id) VALUES (5, 1)",
                "INSERT INTO orders VALUES (NULL, 1, 2, 'x', 'y')",
                "INSERT INTO orders SET user_id = 1, order_id = 0",
                "INSERT INTO orders (user_id) SELECT user_id FROM items WHERE user_id = 1",
                "REPLACE INTO orders (user_id) VALUES (1)",
                "INSERT INTO sessions (sid) VALUES ('a')"
            })
    void saysThatAnIdIsUnclear(String sql) {
        assertThat(insertId(sql)).isEqualTo(InsertId.UNCLEAR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE orders SET total = 1 WHERE user_id = 1",
                "DELETE FROM orders WHERE user_id = 1",
                "SELECT * FROM orders WHERE user_id = 1"
            })
    void saysThatTheIdIsKept(String sql) {
        assertThat(insertId(sql)).isEqualTo(InsertId.KEPT);
    }

    private InsertId insertId(String sql) {
        Plan plan = StatementPlanner.withTraits(plan(sql), Traits.NONE);
        return plan instanceof Plan.SpreadWrite write
                ? write.traits().insertId()
                : ((Plan.Keyed) plan).traits().insertId();
    }

    private static Predicate<Plan> touches(boolean tables) {
        return plan ->
                switch (plan) {
                    case Plan.Keyed keyed -> keyed.traits().tables() == tables;
                    case Plan.KeyedInsert insert -> insert.traits().tables() == tables;
                    case Plan.AnyShard any -> any.traits().tables() == tables;
                    case Plan.Assemble assemble -> assemble.traits().tables() == tables;
                    case Plan.OnDefaultShard on -> on.traits().tables() == tables;
                    case Plan.WriteReference write -> write.traits().tables() == tables;
                    case Plan.SpreadWrite write -> write.traits().tables() == tables;
                    case Plan.Explain explain -> explain.traits().tables() == tables;
                    case Plan.Load load -> load.traits().tables() == tables;
                    case Plan.InsertSelect insert -> insert.traits().tables() == tables;
                    case Plan.Change change -> change.traits().tables() == tables;
                    case Plan.Described described -> described.traits().tables() == tables;
                    case Plan.Plain plain -> plain.traits().tables() == tables;
                    case Plan.Stored _,
                            Plan.DefineKeyspace _,
                            Plan.Control _,
                            Plan.Admin _,
                            Plan.DefineTable _,
                            Plan.Rejected _ ->
                            false;
                };
    }

    private Plan plan(String sql) {
        var literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        return planner.plan(
                        text,
                        0,
                        text.length,
                        SqlDialect.DEFAULT,
                        literals,
                        "store",
                        TestCatalog.catalog())
                .plan();
    }
}
