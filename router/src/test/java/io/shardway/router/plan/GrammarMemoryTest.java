package io.shardway.router.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import org.junit.jupiter.api.Test;

class GrammarMemoryTest {

    private static final long MEGABYTE = 1 << 20;

    private final GrammarMemory memory = new GrammarMemory(16 * MEGABYTE);
    private final StatementPlanner planner = new StatementPlanner(memory);

    @Test
    void growsWithNewShapesOnly() {
        plan("SELECT note FROM orders WHERE user_id = 1");
        long after = memory.bytes();
        assertThat(after).isPositive();
        plan("SELECT note FROM orders WHERE user_id = 2");
        assertThat(memory.bytes()).isEqualTo(after);
        plan("SELECT COUNT(*) FROM orders WHERE user_id = 1 GROUP BY note HAVING COUNT(*) > 1");
        assertThat(memory.bytes()).isGreaterThan(after);
        assertThat(memory.drops()).isZero();
    }

    @Test
    void isDroppedWhenItHoldsTooMuchAndChangesNoPlan() {
        String sql = "SELECT note FROM orders WHERE user_id = 1 AND total IN (1, 2) ORDER BY note";
        Plan before = plan(sql);
        long learnt = memory.bytes();
        memory.limit(learnt - 1);

        assertThat(plan(sql)).isEqualTo(before);

        assertThat(memory.drops()).isEqualTo(1);
        assertThat(memory.bytes()).isEqualTo(learnt);
    }

    /** It holds what one statement more than the limit needs, however many come. */
    @Test
    void staysNearItsLimitWhateverComes() {
        memory.limit(MEGABYTE / 8);
        long greatest = 0;
        for (int depth = 1; depth < 30; depth++) {
            String nested = "(".repeat(depth) + "total" + " + 1)".repeat(depth);
            plan("SELECT " + nested + " FROM orders WHERE user_id = " + depth);
            plan("SELECT a.note FROM orders AS a" + ", orders".repeat(depth) + " WHERE TRUE");
            greatest = Math.max(greatest, memory.bytes());
        }
        assertThat(memory.drops()).isPositive();
        assertThat(greatest).isLessThan(16 * MEGABYTE);
    }

    private Plan plan(String sql) {
        byte[] text = sql.getBytes(UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        return planner.plan(
                        text,
                        0,
                        text.length,
                        SqlDialect.DEFAULT,
                        lexer,
                        "store",
                        TestCatalog.catalog())
                .plan();
    }
}
