package io.shardway.proxy.reference;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out under the locks of both copies whether one lacks a write, and repairs it. A difference
 * seen without locks may be a write under way. Thread-safe; blocks.
 */
final class CopySettler {

    private static final int LOCK_WAIT_TIMEOUT = 1205;

    private final CopyJobs jobs;
    private final Supplier<Topology> topology;
    private final CopyFences fences;
    private final CopyTroubles troubles;
    private final Set<Copy> settling = ConcurrentHashMap.newKeySet();
    private final Set<ShardId> busy = ConcurrentHashMap.newKeySet();

    private record Copy(ShardId shard, ReferenceTable table) {}

    CopySettler(
            CopyJobs jobs, Supplier<Topology> topology, CopyFences fences, CopyTroubles troubles) {
        this.jobs = jobs;
        this.topology = topology;
        this.fences = fences;
        this.troubles = troubles;
    }

    /**
     * Settles copies of one shard in a thread of its own, unless one is at it: a repair can take
     * long, and the next look need not wait for it.
     */
    void start(ShardId shard, Set<ReferenceTable> suspects) {
        if (suspects.isEmpty() || !busy.add(shard)) {
            return;
        }
        Thread.ofVirtual()
                .name("reference-settle")
                .start(() -> {
                    try {
                        settleAll(shard, suspects);
                    } finally {
                        busy.remove(shard);
                    }
                });
    }

    /** What is wrong is fenced before the first repair, which can take long, begins. */
    private void settleAll(ShardId shard, Set<ReferenceTable> suspects) {
        for (ReferenceTable table : suspects) {
            if (suspects.size() > 1 && !fences.isFenced(shard, table)) {
                settle(shard, table, false);
            }
        }
        for (ReferenceTable table : suspects) {
            if (suspects.size() == 1 || fences.isFenced(shard, table)) {
                settle(shard, table, true);
            }
        }
    }

    /** Whether the copy is current in the end; false, too, while somebody else is at it. */
    boolean settle(ShardId shard, ReferenceTable table) {
        return settle(shard, table, true);
    }

    private boolean settle(ShardId shard, ReferenceTable table, boolean repairs) {
        var copy = new Copy(shard, table);
        if (!settling.add(copy)) {
            return false;
        }
        try {
            return settleAlone(shard, table, repairs);
        } finally {
            settling.remove(copy);
        }
    }

    private boolean settleAlone(ShardId shard, ReferenceTable table, boolean repairs) {
        Topology now = topology.get();
        if (!now.shards().containsKey(shard)) {
            return false;
        }
        Node first = now.shard(now.defaultShard()).primary();
        Node other = now.shard(shard).primary();
        try {
            return jobs.run(source -> {
                try (LockedCopies copies = LockedCopies.lock(source, first, other, table)) {
                    return compare(shard, table, copies, repairs);
                }
            });
        } catch (LockedCopies.Unlocked unlocked) {
            // A default shard that is away decides nothing; one whose row is held leaves a doubt.
            if (unlocked.isOfCopy() || unlocked.getErrorCode() == LOCK_WAIT_TIMEOUT) {
                fences.fence(shard, table);
                tell(shard, table, CopyTroubles.Kind.NOT_LOCKED, unlocked.getMessage());
            }
            return false;
        } catch (SQLException failed) {
            fences.fence(shard, table);
            tell(shard, table, CopyTroubles.Kind.NOT_REPAIRED, failed.getMessage());
            return false;
        }
    }

    private boolean compare(
            ShardId shard, ReferenceTable table, LockedCopies copies, boolean repairs)
            throws SQLException {
        if (copies.copyNumber().equals(copies.firstNumber())) {
            current(shard, table);
            return true;
        }
        fences.fence(shard, table);
        if (!copies.copyNumber().isBehind(copies.firstNumber())) {
            tell(
                    shard,
                    table,
                    CopyTroubles.Kind.AHEAD,
                    "it has write %d, which the default shard (write %d) has not: it is left alone"
                            .formatted(
                                    copies.copyNumber().writes(), copies.firstNumber().writes()));
            return false;
        }
        if (!repairs) {
            return false;
        }
        long rows = CopyRepair.run(table, copies);
        CopyRepair.LOG.info(
                "event=reference-copy-repaired shard={} table={} write={} rows={}",
                shard,
                table,
                copies.firstNumber().writes(),
                rows);
        current(shard, table);
        return true;
    }

    /** Called under the locks, so that no write comes between what was seen and this. */
    private void current(ShardId shard, ReferenceTable table) {
        fences.unfence(shard, table);
        troubles.over(shard, table);
    }

    private void tell(
            ShardId shard, ReferenceTable table, CopyTroubles.Kind kind, @Nullable String text) {
        troubles.tell(shard, Optional.of(table), kind, String.valueOf(text));
    }
}
