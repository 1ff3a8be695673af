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
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Compares copies by digests of their parts, first without locks; what differs is compared again
 * while no write is under way. Thread-safe; blocks.
 */
public final class CopyCheck implements ReferenceChecks {

    private static final int KEYS_SHOWN = 5;

    private final ConnectionSource source;
    private final Supplier<Topology> topology;

    public CopyCheck(ConnectionSource source, Supplier<Topology> topology) {
        this.source = source;
        this.topology = topology;
    }

    @Override
    public List<CopyStatus> check(String keyspace, String table) {
        Topology now = topology.get();
        ReferenceTable checked = require(now, keyspace, table);
        Node first = now.shard(now.defaultShard()).primary();
        try {
            CopyRows rows;
            Map<Integer, CopyRows.Part> expected;
            CopyNumber number;
            try (Connection connection = LockedCopies.opened(source, first)) {
                rows = CopyRows.of(connection, checked);
                expected = rows.parts(connection);
                number = numberOf(connection, checked);
                LockedCopies.giveBack(connection);
            }
            var result = new ArrayList<CopyStatus>();
            result.add(same(now.defaultShard(), State.DEFAULT, number, count(expected)));
            for (ShardId shard : others(now)) {
                result.add(compare(now, shard, checked, rows, expected));
            }
            return result;
        } catch (SQLException failed) {
            throw unavailable(now.defaultShard(), failed);
        }
    }

    @Override
    public List<CopyStatus> repair(String keyspace, String table) {
        Topology now = topology.get();
        ReferenceTable repaired = require(now, keyspace, table);
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
                        .filter(entry -> entry.kind() == TableKind.REFERENCE)
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

    private CopyStatus compare(
            Topology now,
            ShardId shard,
            ReferenceTable table,
            CopyRows rows,
            Map<Integer, CopyRows.Part> expected) {
        Node node = now.shard(shard).primary();
        try {
            try (Connection connection = LockedCopies.opened(source, node)) {
                Map<Integer, CopyRows.Part> parts = rows.parts(connection);
                CopyNumber number = numberOf(connection, table);
                LockedCopies.giveBack(connection);
                if (parts.equals(expected)) {
                    return same(shard, State.EQUAL, number, count(parts));
                }
            }
            Node first = now.shard(now.defaultShard()).primary();
            try (LockedCopies copies = LockedCopies.lock(source, first, node, table)) {
                return difference(shard, rows, copies);
            }
        } catch (SQLException failed) {
            return unknown(shard, failed);
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
