package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ShardwayException;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random SELECTs are planned; those with a plan are run where all rows are and where only those of
 * the owner are. More of them: {@code -Dshardway.selects.count=20000}; the same again: {@code
 * -Dshardway.selects.seed=...}, which also decides the rows.
 */
class RandomSelectsIT {

    private static final int COUNT = Integer.getInteger("shardway.selects.count", 200);
    private static final long SEED = Long.getLong("shardway.selects.seed", System.nanoTime());
    private static final int QUERY_INTERRUPTED = 1317;
    private static final int TIMEOUT = 3024;

    /** What MySQL says: rows in any order, or the number of its error. */
    private record Answer(int error, List<String> rows) {

        boolean isTimeout() {
            return error == TIMEOUT || error == QUERY_INTERRUPTED;
        }
    }

    private final StatementPlanner planner = new StatementPlanner();
    private int planned;
    private int found;
    private int failed;
    private int tooSlow;

    @Test
    void theOwnerAnswersWhatIsPlannedAsOneServerWould() throws SQLException {
        System.out.println("RandomSelectsIT seed " + SEED);
        var random = new Random(SEED);
        try (var rows = new SplitRows(random)) {
            var selects = new RandomSelects(random);
            Catalog catalog = rows.catalog();
            for (int i = 0; i < COUNT; i++) {
                compare(selects.next(), rows, catalog);
            }
        }
        System.out.printf(
                "RandomSelectsIT %d statements, %d planned: %d found rows, %d are MySQL's errors,"
                        + " %d took too long%n",
                COUNT, planned, found, failed, tooSlow);
        assertThat(found).as("statements with rows, seed %d", SEED).isGreaterThan(COUNT / 50);
        assertThat(tooSlow).as("statements too slow, seed %d", SEED).isLessThan(COUNT / 20 + 1);
    }

    private void compare(String sql, SplitRows rows, Catalog catalog) throws SQLException {
        List<Connection> shards = shardsFor(sql, rows, catalog);
        if (shards.isEmpty()) {
            return;
        }
        planned++;
        Answer expected = answer(rows.whole(), sql);
        for (Connection shard : shards) {
            Answer actual = answer(shard, sql);
            if (expected.isTimeout() || actual.isTimeout()) {
                tooSlow++;
                return;
            }
            assertThat(actual).as("seed %d: %s", SEED, sql).isEqualTo(expected);
        }
        found += expected.rows().isEmpty() ? 0 : 1;
        failed += expected.error() == 0 ? 0 : 1;
    }

    /** Each of them must give the answer; none if the statement is refused. */
    private List<Connection> shardsFor(String sql, SplitRows rows, Catalog catalog) {
        Lexer lexer = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = lexer.text();
        Plan plan =
                planner.plan(
                                text,
                                0,
                                text.length,
                                SqlDialect.DEFAULT,
                                lexer,
                                rows.keyspace(),
                                catalog)
                        .plan();
        return switch (plan) {
            case Plan.Keyed keyed -> ownerOf(keyed.pin(), lexer, rows);
            case Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _ ->
                    throw new AssertionError("a SELECT writes nothing");
            case Plan.AnyShard _ -> List.of(rows.ownerOf(0), rows.ownerOf(1));
            case Plan.OnDefaultShard _ -> List.of(rows.ownerOf(0));
            case Plan.Assemble _, Plan.Rejected _ -> List.of();
            case Plan.KeyedInsert _,
                    Plan.Explain _,
                    Plan.Described _,
                    Plan.Plain _,
                    Plan.Stored _,
                    Plan.DefineKeyspace _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _ ->
                    throw new AssertionError(plan + " for " + sql);
        };
    }

    private static List<Connection> ownerOf(Pin pin, Lexer lexer, SplitRows rows) {
        try {
            int bucket = KeyResolver.bucketOf(pin, lexer, ParameterValues.NONE);
            return bucket == KeyResolver.ANY
                    ? List.of(rows.ownerOf(0), rows.ownerOf(1))
                    : List.of(rows.ownerOf(bucket));
        } catch (ShardwayException refused) {
            return List.of();
        }
    }

    private static Answer answer(Connection connection, String sql) throws SQLException {
        var rows = new ArrayList<String>();
        try (var statement = connection.createStatement()) {
            var result = statement.executeQuery(sql);
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                var row = new ArrayList<String>();
                for (int column = 1; column <= columns; column++) {
                    row.add(String.valueOf(result.getString(column)));
                }
                rows.add(row.toString());
            }
        } catch (SQLException e) {
            if (e.getErrorCode() == 0 || !connection.isValid(5)) {
                throw e;
            }
            return new Answer(e.getErrorCode(), List.of());
        }
        Collections.sort(rows);
        return new Answer(0, rows);
    }
}
