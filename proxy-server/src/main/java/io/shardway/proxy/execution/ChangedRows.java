package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.settings.AssembleSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Rows of one table that an UPDATE or DELETE has changed, as binary rows, and who owns them. Holds
 * a bounded number of bytes. Confined to its event loop.
 */
final class ChangedRows implements Scratch.PulledTo {

    private final ChangeDefinition table;
    private final int keyAt;
    private final AssembleSettings limits;
    private final Consumer<ErrPacket> tooMany;
    private final List<byte[]> rows = new ArrayList<>();
    private List<ColumnDefinition> columns = List.of();
    private long bytes;
    private boolean over;

    /**
     * @param keyAt where the shard key stands in a row, if the table has one
     * @param tooMany hears once that there are more than may be
     */
    ChangedRows(
            ChangeDefinition table,
            int keyAt,
            AssembleSettings limits,
            Consumer<ErrPacket> tooMany) {
        this.table = table;
        this.keyAt = keyAt;
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
                                    .formatted(rows.size(), bytes, table.name())));
            rows.clear();
        }
    }

    @Override
    public Optional<ErrPacket> error(ErrPacket reason) {
        return table.hasJson() && reason.code() == JsonText.ERROR
                ? Optional.of(
                        ErrPacket.of(
                                ErrorCode.CROSS_SHARD_WRITE,
                                "it makes JSON values that their text does not tell exactly"))
                : Optional.empty();
    }

    ChangeDefinition table() {
        return table;
    }

    List<ColumnDefinition> columns() {
        return columns;
    }

    int count() {
        return rows.size();
    }

    /**
     * Each shard's rows, in their order.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    SortedMap<ShardId, List<byte[]>> byShard(Topology topology) {
        var shards = new TreeMap<ShardId, List<byte[]>>();
        Optional<TableSchema.Key> key = table.table().key();
        var cells = new RowCells(columns, true);
        for (byte[] row : rows) {
            ShardId shard = topology.defaultShard();
            if (key.isPresent()) {
                cells.read(row, keyAt);
                shard = RowOwner.of(topology, key.get(), columns.get(keyAt), cells, keyAt);
            }
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        return shards;
    }
}
