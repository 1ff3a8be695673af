package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.settings.AssembleSettings;
import io.shardway.router.ErrorCode;
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
import java.util.function.Consumer;

/**
 * The rows that an INSERT ... SELECT stores, as binary rows, and who owns them. Holds a bounded
 * number of bytes. Confined to its event loop.
 */
final class FetchedRows implements Scratch.PulledTo {

    private final MadeRows made;
    private final AssembleSettings limits;
    private final Consumer<ErrPacket> tooMany;
    private final List<byte[]> rows = new ArrayList<>();
    private List<ColumnDefinition> columns = List.of();
    private long bytes;
    private boolean over;

    /**
     * @param tooMany hears once that there are more than may be
     */
    FetchedRows(MadeRows made, AssembleSettings limits, Consumer<ErrPacket> tooMany) {
        this.made = made;
        this.limits = limits;
        this.tooMany = tooMany;
    }

    @Override
    public void described(List<ColumnDefinition> definitions) {
        columns = List.copyOf(definitions);
    }

    @Override
    public void row(byte[] payload) {
        if (over) {
            return;
        }
        rows.add(payload);
        bytes += payload.length;
        if (rows.size() > limits.rowsMax() || bytes > limits.bytesMax()) {
            over = true;
            tooMany.accept(
                    ErrPacket.of(
                            ErrorCode.ASSEMBLY_TOO_LARGE,
                            "it stopped at %d rows of %d bytes to be stored in table %s"
                                    .formatted(rows.size(), bytes, made.target().schema().name())));
            rows.clear();
        }
    }

    @Override
    public Optional<ErrPacket> error(ErrPacket reason) {
        return made.hasJson() && reason.code() == JsonText.ERROR
                ? Optional.of(
                        ErrPacket.of(
                                ErrorCode.CROSS_SHARD_WRITE,
                                "it makes JSON values that their text does not tell exactly"))
                : Optional.empty();
    }

    List<ColumnDefinition> columns() {
        return columns;
    }

    int count() {
        return rows.size();
    }

    byte[] row(int index) {
        return rows.get(index);
    }

    /**
     * The numbers of each shard's rows, in their order.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    SortedMap<ShardId, List<Integer>> byShard(Topology topology) {
        var shards = new TreeMap<ShardId, List<Integer>>();
        OptionalInt keyAt = made.keyAt();
        var cells = new RowCells(columns, true);
        for (int row = 0; row < rows.size(); row++) {
            ShardId shard = topology.defaultShard();
            if (made.target().key().isPresent()) {
                int at = keyAt.orElseThrow();
                cells.read(rows.get(row), at);
                shard =
                        RowOwner.of(
                                topology, made.target().key().get(), columns.get(at), cells, at);
            }
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        return shards;
    }

    /**
     * What each row says of an AUTO_INCREMENT shard key.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    List<RowKey> keys(DrawnColumn column, boolean zeroDraws) {
        int at = made.keyAt().orElseThrow();
        var cells = new RowCells(columns, true);
        var cell = new RowOwner.Cell(columns.get(at), cells, at);
        Optional<ValueRef> value = Optional.of(new ValueRef.Parameter(0));
        var keys = new ArrayList<RowKey>();
        for (byte[] row : rows) {
            cells.read(row, at);
            keys.add(
                    KeyResolver.rowKey(
                            column.type(), value, RowOwner.NO_LITERALS, cell, zeroDraws));
        }
        return keys;
    }

    /** Gives rows the keys that were drawn for them; 0 leaves a row as it is. */
    void giveKeys(long[] drawn) {
        int at = made.keyAt().orElseThrow();
        var cells = new RowCells(columns, true);
        for (int row = 0; row < drawn.length; row++) {
            if (drawn[row] != 0) {
                cells.read(rows.get(row), at);
                rows.set(row, cells.with(at, drawn[row]));
            }
        }
    }

    /** Whether MySQL draws an id for this row; in doubt it does. */
    boolean draws(int row) {
        if (made.drawn().isEmpty() || made.target().drawn().isPresent()) {
            return false;
        }
        OptionalInt at = made.idAt();
        if (at.isEmpty()) {
            return true;
        }
        var cells = new RowCells(columns, true);
        cells.read(rows.get(row), at.getAsInt());
        var cell = new RowOwner.Cell(columns.get(at.getAsInt()), cells, at.getAsInt());
        return switch (cell.kind(0)) {
            case SIGNED, UNSIGNED -> cell.integer(0) == 0;
            case NULL, FLOATING, DECIMAL, TEXT, BYTES, OTHER -> true;
        };
    }
}
