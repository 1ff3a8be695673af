package io.shardway.proxy.execution;

import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Scatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out which rows of each shard an ordered read skips, of what rows are ordered by alone; then
 * each shard sends those that are wanted. Which of equal rows are skipped is up to MySQL each time:
 * how many of a shard's rows come before the wanted ones hangs on the values only. Confined to its
 * event loop; one read each.
 *
 * <p>Outside of transactions both reads of a shard are of one snapshot, made for them. Within one
 * they are the session's, and what it sees may change meanwhile (READ COMMITTED): there each shard
 * also sends the row before its first wanted one. As long as no such row comes behind a wanted one,
 * exactly those rows are skipped that the statement skips.
 */
final class DeepOffset {

    /** What is known of the rows before the wanted ones. */
    enum Found {
        NOT_YET,
        /** They are those that the statement skips. */
        SAME,
        /** Rows came or went since they were counted. */
        CHANGED
    }

    /** How many of a shard's rows are skipped, and how many wanted. */
    private static final class Page {
        long skipped;
        long wanted;

        /** The last row that is skipped. */
        byte[] before = new byte[0];

        boolean beforeKnown;
    }

    private final Scatter plan;
    private final byte[] sql;
    private final Scatter.Range range;
    private final ScatteredCommands commands;
    private final boolean snapshot;
    private final Map<ShardRows, Page> pages = new HashMap<>();
    private long seen;

    private DeepOffset(
            Scatter plan,
            byte[] sql,
            Scatter.Range range,
            ScatteredCommands commands,
            boolean snapshot) {
        this.plan = plan;
        this.sql = sql;
        this.range = range;
        this.commands = commands;
        this.snapshot = snapshot;
    }

    static Optional<DeepOffset> of(
            StatementRunner runner,
            Plan.Assemble plan,
            byte[] sql,
            Scatter.Range range,
            ScatteredCommands commands) {
        boolean snapshot =
                !TransactionRules.isInTransaction(runner.session())
                        && runner.session().transaction().leases().isEmpty();
        return plan.scatter()
                .filter(scatter -> scatter.narrow().isPresent())
                .filter(_ -> !plan.isLocking() && range.isDeep())
                .map(scatter -> new DeepOffset(scatter, sql, range, commands, snapshot));
    }

    /** How the first read's rows are ordered. */
    Scatter narrow() {
        return plan.narrowed();
    }

    /** Whether both reads of a shard are to be of one snapshot, made for them. */
    boolean usesSnapshot() {
        return snapshot;
    }

    BackendCommand look() {
        return commands.of(
                plan.writeNarrow(sql, commands.dialect(), commands.prepared(), range.reach()));
    }

    /** The next row of all is this shard's. */
    void next(ShardRows part) {
        Page page = page(part);
        if (seen < range.skipped()) {
            page.skipped++;
        } else if (seen < range.reach()) {
            page.wanted++;
        }
        seen++;
    }

    private Page page(ShardRows part) {
        return pages.computeIfAbsent(part, _ -> new Page());
    }

    /** How many rows come before the wanted ones. */
    long skipped() {
        return Math.min(seen, range.skipped());
    }

    /** What reads the wanted rows of a shard. */
    BackendCommand read(ShardRows part) {
        Page page = page(part);
        long before = snapshot || page.skipped == 0 ? 0 : 1;
        var wanted =
                new Scatter.Range(
                        page.skipped - before, snapshot ? page.wanted : range.count() + before);
        return commands.of(plan.writePage(sql, commands.dialect(), commands.prepared(), wanted));
    }

    /** Takes the rows before the wanted ones, as soon as they have come. */
    Found check(List<ShardRows> parts) {
        if (snapshot) {
            return Found.SAME;
        }
        for (ShardRows part : parts) {
            Page page = page(part);
            if (page.skipped > 0 && !page.beforeKnown) {
                ShardRows.Row row = part.next();
                if (row == null) {
                    return part.isAwaited() ? Found.NOT_YET : Found.CHANGED;
                }
                page.before = row.key();
                page.beforeKnown = true;
                part.take();
            }
        }
        if (parts.stream().anyMatch(ShardRows::isAwaited)) {
            return Found.NOT_YET;
        }
        List<byte[]> wanted =
                parts.stream()
                        .map(ShardRows::next)
                        .filter(Objects::nonNull)
                        .map(ShardRows.Row::key)
                        .toList();
        boolean same =
                seen >= range.skipped()
                        ? wanted.stream().allMatch(this::isBehindAll)
                        : wanted.isEmpty();
        return same ? Found.SAME : Found.CHANGED;
    }

    private boolean isBehindAll(byte[] wanted) {
        return pages.values().stream()
                .filter(page -> page.beforeKnown)
                .allMatch(page -> Arrays.compareUnsigned(page.before, wanted) <= 0);
    }
}
