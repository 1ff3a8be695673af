package io.shardway.proxy.reference;

import io.shardway.proxy.query.CopyStatus;
import io.shardway.proxy.query.CopyStatus.State;
import io.shardway.proxy.query.ReferenceChecks;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Compares copies by digests of their parts, first without locks; what differs is compared again
 * while no write is under way. Thread-safe; blocks.
 */
final class CopyCheck implements ReferenceChecks {

    private static final int KEYS_SHOWN = 5;

    private final CopyJobs jobs;
    private final Supplier<Topology> topology;

    CopyCheck(CopyJobs jobs, Supplier<Topology> topology) {
        this.jobs = jobs;
        this.topology = topology;
    }

    /** The default shard's copy without locks. */
    private record Seen(CopyRows rows, Map<Integer, CopyRows.Part> parts, CopyNumber number) {}

    @Override
    public List<CopyStatus> check(String keyspace, String table) {
        Topology now = topology.get();
        ReferenceTable checked = require(now, keyspace, table);
        return run(now, source -> check(source, now, checked));
    }

    @Override
    public List<CopyStatus> repair(String keyspace, String table) {
        Topology now = topology.get();
        ReferenceTable repaired = require(now, keyspace, table);
        return run(now, source -> repair(source, now, repaired));
    }

    private List<CopyStatus> run(Topology now, CopyJobs.Job<List<CopyStatus>> job) {
        try {
            return jobs.run(job);
        } catch (CopyJobs.Busy busy) {
            throw new ShardwayException(
                    ErrorCode.POOL_EXHAUSTED, String.valueOf(busy.getMessage()), busy);
        } catch (SQLException failed) {
            throw unavailable(now.defaultShard(), failed);
        }
    }

    private static List<CopyStatus> check(
            ConnectionSource source, Topology now, ReferenceTable checked) throws SQLException {
        Seen seen;
        try (Connection connection =
                LockedCopies.opened(source, now.shard(now.defaultShard()).primary())) {
            CopyRows rows = CopyRows.of(connection, connection, checked);
            seen = new Seen(rows, rows.parts(connection), numberOf(connection, checked));
        }
        var result = new ArrayList<CopyStatus>();
        result.add(same(now.defaultShard(), State.DEFAULT, seen.number(), count(seen.parts())));
        for (ShardId shard : others(now)) {
            try {
                Node node = now.shard(shard).primary();
                Optional<CopyStatus> equal = glance(source, node, shard, checked, seen);
                result.add(
                        equal.isPresent() ? equal.get() : difference(source, now, shard, checked));
            } catch (SQLException failed) {
                result.add(unknown(shard, failed));
            }
        }
        return result;
    }

    private static List<CopyStatus> repair(
            ConnectionSource source, Topology now, ReferenceTable repaired) {
        Node first = now.shard(now.defaultShard()).primary();
        var result = new ArrayList<CopyStatus>();
        for (ShardId shard : others(now)) {
            try (LockedCopies copies =
                    LockedCopies.lock(source, first, now.shard(shard).primary(), repaired)) {
                long rows = CopyRepair.run(repaired, copies);
                CopyRepair.LOG.info(
                        "event=reference-copy-repaired shard={} table={} write={} rows={} asked=true",
                        shard,
                        repaired,
                        copies.firstNumber().writes(),
                        rows);
                State state = rows == 0 ? State.EQUAL : State.REPAIRED;
                result.add(same(shard, state, copies.firstNumber(), rows));
            } catch (SQLException failed) {
                result.add(unknown(shard, failed));
            }
        }
        return result;
    }

    private static ReferenceTable require(Topology now, String keyspace, String table) {
        boolean reference =
                now.keyspace(keyspace)
                        .map(Keyspace::tables)
                        .map(tables -> tables.get(table))
                        .filter(TableEntry::isCopied)
                        .isPresent();
        if (!reference) {
            throw new ShardwayException(
                    ErrorCode.UNKNOWN_TABLE,
                    "there is no reference table %s.%s".formatted(keyspace, table));
        }
        return new ReferenceTable(keyspace, table);
    }

    private static List<ShardId> others(Topology now) {
        Stream<ShardId> shards = now.shards().keySet().stream();
        return shards.filter(shard -> !shard.equals(now.defaultShard())).sorted().toList();
    }

    /** Without locks; empty if the copy is not equal, which may be a write under way. */
    private static Optional<CopyStatus> glance(
            ConnectionSource source, Node node, ShardId shard, ReferenceTable table, Seen seen)
            throws SQLException {
        try (Connection connection = LockedCopies.opened(source, node)) {
            Map<Integer, CopyRows.Part> parts = seen.rows().parts(connection);
            CopyNumber number = numberOf(connection, table);
            return parts.equals(seen.parts()) && number.equals(seen.number())
                    ? Optional.of(same(shard, State.EQUAL, number, count(parts)))
                    : Optional.empty();
        }
    }

    private static CopyStatus difference(
            ConnectionSource source, Topology now, ShardId shard, ReferenceTable table)
            throws SQLException {
        Node first = now.shard(now.defaultShard()).primary();
        try (LockedCopies copies =
                LockedCopies.lock(source, first, now.shard(shard).primary(), table)) {
            return difference(shard, CopyRows.of(copies.first(), copies.copy(), table), copies);
        }
    }

    private static CopyStatus difference(ShardId shard, CopyRows rows, LockedCopies copies)
            throws SQLException {
        Map<Integer, CopyRows.Part> here = rows.parts(copies.first());
        Map<Integer, CopyRows.Part> there = rows.parts(copies.copy());
        long missing = 0;
        long extra = 0;
        long changed = 0;
        var keys = new ArrayList<String>();
        for (CopyDifference.Batch batch : CopyDifference.batches(here, there)) {
            CopyDifference found = CopyDifference.of(rows, copies.first(), copies.copy(), batch);
            missing += found.missing().size();
            extra += found.extra().size();
            changed += found.changed().size();
            Stream.of(found.missing(), found.extra(), found.changed())
                    .flatMap(List::stream)
                    .limit(KEYS_SHOWN - keys.size())
                    .map(rows::where)
                    .forEach(keys::add);
        }
        State state = State.EQUAL;
        if (copies.copyNumber().isBehind(copies.firstNumber())) {
            state = State.BEHIND;
        } else if (!copies.copyNumber().equals(copies.firstNumber())) {
            state = State.AHEAD;
        } else if (missing + extra + changed > 0) {
            state = State.DIFFERS;
        }
        return new CopyStatus(
                shard,
                state,
                copies.copyNumber().writes(),
                count(there),
                missing,
                extra,
                changed,
                keys,
                "");
    }

    private static CopyNumber numberOf(Connection connection, ReferenceTable table)
            throws SQLException {
        return CopyTable.numbers(connection).getOrDefault(table, CopyNumber.NONE);
    }

    private static long count(Map<Integer, CopyRows.Part> parts) {
        return parts.values().stream().mapToLong(CopyRows.Part::rows).sum();
    }

    private static CopyStatus same(ShardId shard, State state, CopyNumber number, long rows) {
        return new CopyStatus(shard, state, number.writes(), rows, 0, 0, 0, List.of(), "");
    }

    private static CopyStatus unknown(ShardId shard, SQLException failed) {
        String why = String.valueOf(failed.getMessage());
        return new CopyStatus(shard, State.UNKNOWN, 0, 0, 0, 0, 0, List.of(), why);
    }

    private static ShardwayException unavailable(ShardId shard, SQLException failed) {
        return new ShardwayException(
                ErrorCode.BACKEND_UNAVAILABLE,
                "shard " + shard + ": " + failed.getMessage(),
                failed);
    }
}
