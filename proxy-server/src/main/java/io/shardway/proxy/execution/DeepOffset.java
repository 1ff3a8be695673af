package io.shardway.proxy.execution;

import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Scatter;
import io.shardway.router.sql.SqlDialect;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out which rows of each shard an ordered read skips, of what rows are ordered by alone; then
 * each shard sends those that are wanted, in the same snapshot. Which of equal rows are skipped is
 * up to MySQL each time: how many of a shard's rows come before the wanted ones hangs on the values
 * only. Confined to its event loop; one read each.
 */
final class DeepOffset {

    /** Fewer rows are rather sent in vain than asked for twice. */
    private static final long SKIPPED_MIN = 1000;

    private final StatementRunner runner;
    private final Scatter plan;
    private final byte[] sql;
    private final SqlDialect dialect;
    private final Scatter.Range range;
    private final Map<ShardRows, long[]> pages = new HashMap<>();
    private long seen;

    private DeepOffset(StatementRunner runner, Scatter plan, byte[] sql, Scatter.Range range) {
        this.runner = runner;
        this.plan = plan;
        this.sql = sql;
        this.dialect = runner.session().profile().dialect();
        this.range = range;
    }

    /**
     * Outside of transactions only: there both reads of a shard are one snapshot, made for them.
     */
    static Optional<DeepOffset> of(
            StatementRunner runner, Plan.Assemble plan, byte[] sql, Scatter.Range range) {
        boolean own =
                !TransactionRules.isInTransaction(runner.session())
                        && runner.session().transaction().leases().isEmpty();
        return plan.scatter()
                .filter(scatter -> scatter.narrow().isPresent())
                .filter(_ -> own && !plan.isLocking())
                .filter(_ -> range.skipped() >= SKIPPED_MIN && range.reach() < Long.MAX_VALUE)
                .map(scatter -> new DeepOffset(runner, scatter, sql, range));
    }

    /** How the first read's rows are ordered. */
    Scatter narrow() {
        return plan.narrowed();
    }

    BackendCommand look() {
        return new ScatteredStatement.Text(runner, plan.writeNarrow(sql, dialect, range.reach()));
    }

    /** The next row of all is this shard's. */
    void next(ShardRows part) {
        long[] page = pages.computeIfAbsent(part, _ -> new long[2]);
        if (seen < range.skipped()) {
            page[0]++;
        } else if (seen < range.reach()) {
            page[1]++;
        }
        seen++;
    }

    /** How many rows come before the wanted ones. */
    long skipped() {
        return Math.min(seen, range.skipped());
    }

    /** What reads the wanted rows of a shard. */
    BackendCommand page(ShardRows part) {
        long[] page = pages.getOrDefault(part, new long[2]);
        return new ScatteredStatement.Text(
                runner, plan.writePage(sql, dialect, new Scatter.Range(page[0], page[1])));
    }
}
