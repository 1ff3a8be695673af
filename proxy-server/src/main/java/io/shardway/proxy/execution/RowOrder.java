package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.router.plan.Scatter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes of each row the bytes by which it is ordered among the others: those of two rows compare,
 * byte by byte and without signs, as the rows do. Confined to one thread.
 */
final class RowOrder {

    private record Key(int item, ColumnDefinition column, boolean descending) {}

    private final List<Key> keys;
    private final RowCells cells;
    private final boolean binary;
    private final int last;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(32);

    private RowOrder(List<Key> keys, RowCells cells, boolean binary) {
        this.keys = keys;
        this.cells = cells;
        this.binary = binary;
        this.last = keys.stream().mapToInt(Key::item).max().orElse(-1);
    }

    /** Empty if a column is not in the answer, or of a type that is not compared here. */
    static Optional<RowOrder> of(Scatter plan, List<ColumnDefinition> columns, boolean binary) {
        var keys = new ArrayList<Key>();
        for (Scatter.Key key : plan.order()) {
            int item = key.item() < 0 ? find(plan, key, columns) : key.item();
            if (item < 0 || item >= columns.size() || !ExactValues.areKnown(columns.get(item))) {
                return Optional.empty();
            }
            keys.add(new Key(item, columns.get(item), key.descending()));
        }
        return Optional.of(new RowOrder(keys, new RowCells(columns, binary), binary));
    }

    private static int find(Scatter plan, Scatter.Key key, List<ColumnDefinition> columns) {
        for (int item = 0; item < columns.size(); item++) {
            ColumnDefinition column = columns.get(item);
            if (column.orgTable().equalsIgnoreCase(plan.table())
                    && column.orgName().equalsIgnoreCase(key.column())) {
                return item;
            }
        }
        return -1;
    }

    byte[] keyOf(byte[] row) {
        cells.read(row, last);
        out.reset();
        for (Key key : keys) {
            int begin = out.size();
            ExactValues.write(out, key.column(), cells, key.item(), binary);
            if (key.descending()) {
                flip(begin);
            }
        }
        return out.toByteArray();
    }

    private void flip(int begin) {
        byte[] written = out.toByteArray();
        out.reset();
        out.write(written, 0, begin);
        for (int at = begin; at < written.length; at++) {
            out.write(~written[at]);
        }
    }
}
