package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.DrawnColumn;
import io.shardway.router.plan.KeyResolver;
import io.shardway.router.plan.RowKey;
import io.shardway.router.plan.ValueRef;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows that an INSERT ... SELECT stores, and who owns them. Confined to its event loop. */
final class FetchedRows {

    /** One INSERT's, as those that fill temporary tables. */
    private static final int ROWS_MAX = 256;

    private static final int BATCH_BYTES = 512 << 10;
    private static final int PARAMETERS_MAX = 0xFFFF;

    private final MadeRows made;
    private final HeldRows rows;

    FetchedRows(MadeRows made, HeldRows rows) {
        this.made = made;
        this.rows = rows;
    }

    HeldRows held() {
        return rows;
    }

    /** Lets go of the rows; nobody needs them any more. */
    void release() {
        rows.release();
    }

    List<ColumnDefinition> columns() {
        return rows.columns();
    }

    int count() {
        return rows.count();
    }

    byte[] row(int index) {
        return rows.row(index);
    }

    /**
     * The numbers of each shard's rows, in their order.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    SortedMap<ShardId, List<Integer>> byShard(Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        OptionalInt keyAt = made.keyAt();
        var cells = new RowCells(columns(), true);
        for (int row = 0; row < count(); row++) {
            ShardId shard = topology.defaultShard();
            if (made.target().key().isPresent()) {
                int at = keyAt.orElseThrow();
                cells.read(row(row), at);
                shard =
                        RowOwner.of(
                                topology, made.target().key().get(), columns().get(at), cells, at);
            }
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        return shards;
    }

    /** A power of two where more rows follow, so that few statements are prepared. */
    List<Integer> batch(List<Integer> own, int from) {
        int width = Math.max(1, columns().size());
        int most = Math.min(own.size() - from, Math.clamp(PARAMETERS_MAX / width, 1, ROWS_MAX));
        long bytes = 0;
        int count = 0;
        while (count < most && (count == 0 || bytes < BATCH_BYTES)) {
            bytes += row(own.get(from + count)).length;
            count++;
        }
        return List.copyOf(own.subList(from, from + Integer.highestOneBit(count)));
    }

    /**
     * What each row says of the AUTO_INCREMENT column that the proxy can draw for.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    List<RowKey> keys(DrawnColumn column, boolean zeroDraws) {
        int at = made.idAt().orElseThrow();
        var cells = new RowCells(columns(), true);
        var cell = new RowOwner.Cell(columns().get(at), cells, at);
        Optional<ValueRef> value = Optional.of(new ValueRef.Parameter(0));
        var keys = new ArrayList<RowKey>();
        for (int row = 0; row < count(); row++) {
            cells.read(row(row), at);
            keys.add(
                    KeyResolver.rowKey(
                            column.type(), value, RowOwner.NO_LITERALS, cell, zeroDraws));
        }
        return keys;
    }

    /** Gives rows the ids that were drawn for them; 0 leaves a row as it is. */
    void giveKeys(long[] drawn) {
        int at = made.idAt().orElseThrow();
        var cells = new RowCells(columns(), true);
        for (int row = 0; row < drawn.length; row++) {
            if (drawn[row] != 0) {
                cells.read(row(row), at);
                rows.set(row, cells.with(at, drawn[row]));
            }
        }
    }

    /** Whether MySQL draws an id for this row; in doubt it does. */
    boolean draws(int row) {
        if (made.drawn().isEmpty() || made.target().drawsKeys()) {
            return false;
        }
        OptionalInt at = made.idAt();
        if (at.isEmpty()) {
            return true;
        }
        var cells = new RowCells(columns(), true);
        cells.read(row(row), at.getAsInt());
        var cell = new RowOwner.Cell(columns().get(at.getAsInt()), cells, at.getAsInt());
        return switch (cell.kind(0)) {
            case SIGNED, UNSIGNED -> cell.integer(0) == 0;
            case NULL, FLOATING, DECIMAL, TEXT, BYTES, OTHER -> true;
        };
    }
}
