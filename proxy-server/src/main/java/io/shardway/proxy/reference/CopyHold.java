package io.shardway.proxy.reference;

import io.shardway.proxy.definition.HeldCopies;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps writers from reference tables by the default shard's rows that number their writes, which
 * every writer locks first. Confined to one thread; blocks.
 */
final class CopyHold implements HeldCopies {

    private static final int LOCK_WAIT_TIMEOUT = 1205;

    private final ConnectionSource source;
    private final Topology topology;
    private final Set<ReferenceTable> afterwards;
    private final Connection first;
    private final Map<ReferenceTable, CopyNumber> numbers = new HashMap<>();

    private CopyHold(
            ConnectionSource source,
            Topology topology,
            Set<ReferenceTable> afterwards,
            Connection first) {
        this.source = source;
        this.topology = topology;
        this.afterwards = afterwards;
        this.first = first;
    }

    /**
     * @param alone gives the connection that is kept as long as the definition runs
     */
    static HeldCopies of(
            ConnectionSource alone,
            ConnectionSource source,
            Topology topology,
            String keyspace,
            DefinitionChange change) {
        Set<ReferenceTable> before = before(topology, keyspace, change);
        Set<ReferenceTable> afterwards = afterwards(before, keyspace, change);
        if (afterwards.isEmpty()) {
            return NONE; // Dropping is how a table is got rid of that is not the same everywhere.
        }
        try {
            Connection first =
                    LockedCopies.opened(alone, topology.shard(topology.defaultShard()).primary());
            var hold = new CopyHold(source, topology, afterwards, first);
            try {
                hold.take(before);
                return hold;
            } catch (SQLException | RuntimeException failed) {
                hold.close();
                throw failed;
            }
        } catch (SQLException failed) {
            throw failed(failed, "nothing was changed");
        }
    }

    private static Set<ReferenceTable> before(
            Topology topology, String keyspace, DefinitionChange change) {
        Map<String, TableEntry> tables =
                topology.keyspace(keyspace).map(Keyspace::tables).orElse(Map.of());
        var found = new TreeSet<ReferenceTable>();
        for (String table : change.tables()) {
            TableEntry entry = tables.get(table);
            if (entry != null && entry.isCopied()) {
                found.add(new ReferenceTable(keyspace, table));
            }
        }
        return found;
    }

    private static Set<ReferenceTable> afterwards(
            Set<ReferenceTable> before, String keyspace, DefinitionChange change) {
        var found = new TreeSet<>(before);
        change.removed().forEach(table -> found.remove(new ReferenceTable(keyspace, table)));
        for (TableEntry entry : change.added()) {
            if (entry.isCopied()) {
                found.add(new ReferenceTable(keyspace, entry.name()));
            }
        }
        return found;
    }

    private void take(Set<ReferenceTable> before) throws SQLException {
        for (ReferenceTable table : before) {
            numbers.put(table, CopyTable.lock(first, table));
        }
        var added = new ArrayList<>(afterwards);
        added.removeAll(before);
        forget(first, added);
        for (ShardId shard : others()) {
            try (Connection copy = LockedCopies.opened(source, topology.shard(shard).primary())) {
                for (ReferenceTable table : before) {
                    requireEqual(shard, table, CopyTable.lock(copy, table));
                }
                forget(copy, added);
                copy.commit();
            }
        }
    }

    /** What was called so before is gone; the numbers of its copies may not be equal. */
    private static void forget(Connection connection, List<ReferenceTable> tables)
            throws SQLException {
        for (ReferenceTable table : tables) {
            CopyTable.lock(connection, table);
            CopyTable.set(connection, table, CopyNumber.NONE);
        }
    }

    private void requireEqual(ShardId shard, ReferenceTable table, CopyNumber number) {
        CopyNumber expected = numbers.getOrDefault(table, CopyNumber.NONE);
        if (!number.equals(expected)) {
            throw new ShardwayException(
                    ErrorCode.REFERENCE_COPY_BEHIND,
                    "shard %s has write %d of %s, shard %s write %d; nothing was changed"
                            .formatted(
                                    shard,
                                    number.writes(),
                                    table,
                                    topology.defaultShard(),
                                    expected.writes()));
        }
    }

    private List<ShardId> others() {
        return topology.shardsInOrder().stream()
                .filter(shard -> !shard.equals(topology.defaultShard()))
                .toList();
    }

    @Override
    public void makeEqual() {
        try {
            for (ReferenceTable table : afterwards) {
                // Without a primary key nobody could write it, so it has no rows.
                if (CopyRows.isKeyed(first, table)) {
                    for (ShardId shard : others()) {
                        makeEqual(shard, table);
                    }
                }
            }
        } catch (SQLException failed) {
            throw failed(failed, "every shard has the definition, but rows may differ");
        }
    }

    private void makeEqual(ShardId shard, ReferenceTable table) throws SQLException {
        try (Connection copy = LockedCopies.opened(source, topology.shard(shard).primary())) {
            LockedCopies copies = LockedCopies.of(first, copy, table);
            long rows = CopyRepair.run(table, copies);
            if (rows > 0) {
                CopyRepair.LOG.info(
                        "event=reference-copy-defined shard={} table={} rows={}",
                        shard,
                        table,
                        rows);
            }
        }
    }

    private static ShardwayException failed(SQLException failed, String state) {
        ErrorCode code =
                failed.getErrorCode() == LOCK_WAIT_TIMEOUT
                        ? ErrorCode.REFERENCE_WRITE_WAITED
                        : ErrorCode.BACKEND_UNAVAILABLE;
        return new ShardwayException(code, "%s; %s".formatted(failed.getMessage(), state), failed);
    }

    /** What was set for new tables is kept, the locks are given back. */
    @Override
    public void close() {
        try (first) {
            first.commit();
        } catch (SQLException gone) {
            CopyRepair.LOG.debug("event=connection-closed reason={}", gone.getMessage());
        }
    }
}
