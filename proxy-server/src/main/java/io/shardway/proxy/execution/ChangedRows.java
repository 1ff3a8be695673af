package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.schema.TableSchema;
import io.shardway.router.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rows of one table that an UPDATE or DELETE has changed, and who owns them. Confined to its event
 * loop.
 */
final class ChangedRows {

    private final ChangeDefinition table;
    private final int keyAt;
    private final HeldRows rows;

    /**
     * @param keyAt where the shard key stands in a row, if the table has one
     */
    ChangedRows(ChangeDefinition table, int keyAt, HeldRows rows) {
        this.table = table;
        this.keyAt = keyAt;
        this.rows = rows;
    }

    HeldRows held() {
        return rows;
    }

    ChangeDefinition table() {
        return table;
    }

    List<ColumnDefinition> columns() {
        return rows.columns();
    }

    int count() {
        return rows.count();
    }

    /**
     * Each shard's rows, in their order.
     *
     * @throws io.shardway.router.ShardwayException KEY_NOT_EXACT
     */
    SortedMap<ShardId, List<byte[]>> byShard(Topology topology) {
        var shards = new TreeMap<ShardId, List<byte[]>>();
        Optional<TableSchema.Key> key = table.table().key();
        var cells = new RowCells(columns(), true);
        for (int index = 0; index < count(); index++) {
            byte[] row = rows.row(index);
            ShardId shard = topology.defaultShard();
            if (key.isPresent()) {
                cells.read(row, keyAt);
                shard = RowOwner.of(topology, key.get(), columns().get(keyAt), cells, keyAt);
            }
            shards.computeIfAbsent(shard, _ -> new ArrayList<>()).add(row);
        }
        return shards;
    }
}
