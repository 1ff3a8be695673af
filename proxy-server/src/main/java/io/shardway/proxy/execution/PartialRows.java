package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.Wire;
import io.shardway.router.plan.Scatter;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Combines rows that the shards made of parts of one group: counts and exact sums are added, the
 * least and the greatest values chosen. Rows of one group come one after the other. Confined to one
 * thread.
 */
final class PartialRows {

    private static final int NULL_BITS_OFFSET = 2;

    private final List<Scatter.Part> parts;
    private final List<ColumnDefinition> columns;
    private final boolean binary;
    private final RowCells cells;
    private final byte[] @Nullable [] values;
    private final byte[][] compared;
    private byte @Nullable [] group;

    private PartialRows(List<Scatter.Part> parts, List<ColumnDefinition> columns, boolean binary) {
        this.parts = parts;
        this.columns = columns;
        this.binary = binary;
        this.cells = new RowCells(columns, binary);
        this.values = new byte[columns.size()][];
        this.compared = new byte[columns.size()][];
    }

    /** Empty if a column is of a type that is not added or compared here. */
    static Optional<PartialRows> of(Scatter plan, List<ColumnDefinition> columns, boolean binary) {
        boolean known = columns.size() == plan.parts().size();
        for (int column = 0; known && column < columns.size(); column++) {
            int type = columns.get(column).type();
            known =
                    switch (plan.parts().get(column)) {
                        case GROUP -> true;
                        case COUNT -> type == ColumnTypes.LONGLONG;
                        case SUM -> type == ColumnTypes.NEWDECIMAL;
                        case MIN, MAX -> ExactValues.areKnown(columns.get(column));
                    };
        }
        return known
                ? Optional.of(new PartialRows(plan.parts(), columns, binary))
                : Optional.empty();
    }

    /**
     * Takes a row of this group.
     *
     * @return the group before, if it is complete now
     */
    Optional<byte[]> add(byte[] key, byte[] row) {
        boolean begins = group == null || !Arrays.equals(group, key);
        Optional<byte[]> complete = begins ? last() : Optional.empty();
        cells.read(row, columns.size() - 1);
        for (int cell = 0; cell < columns.size(); cell++) {
            if (begins) {
                values[cell] = raw(cell);
                compared[cell] = key(cell);
            } else {
                combine(cell);
            }
        }
        group = key;
        return complete;
    }

    /** The group that is being put together, if there is one; it is forgotten. */
    Optional<byte[]> last() {
        if (group == null) {
            return Optional.empty();
        }
        group = null;
        return Optional.of(written());
    }

    private byte @Nullable [] raw(int cell) {
        return cells.isNull(cell)
                ? null
                : Arrays.copyOfRange(cells.row(), cells.from(cell), cells.to(cell));
    }

    private byte[] key(int cell) {
        Scatter.Part part = parts.get(cell);
        if (part != Scatter.Part.MIN && part != Scatter.Part.MAX) {
            return new byte[0];
        }
        var out = new ByteArrayOutputStream(16);
        ExactValues.write(out, columns.get(cell), cells, cell, binary);
        return out.toByteArray();
    }

    private void combine(int cell) {
        if (cells.isNull(cell)) {
            return;
        }
        byte[] before = values[cell];
        byte[] now = raw(cell);
        if (before == null || now == null) {
            values[cell] = now;
            compared[cell] = key(cell);
            return;
        }
        switch (parts.get(cell)) {
            case GROUP -> {}
            case COUNT -> values[cell] = count(before, now);
            case SUM ->
                    values[cell] =
                            decimal(before).add(decimal(now)).toPlainString().getBytes(US_ASCII);
            case MIN, MAX -> {
                byte[] key = key(cell);
                int order = Arrays.compareUnsigned(key, compared[cell]);
                if (parts.get(cell) == Scatter.Part.MIN ? order < 0 : order > 0) {
                    values[cell] = now;
                    compared[cell] = key;
                }
            }
        }
    }

    private byte[] count(byte[] before, byte[] now) {
        if (!binary) {
            long sum = Math.addExact(number(before), number(now));
            return Long.toString(sum).getBytes(US_ASCII);
        }
        ByteBuf out = Unpooled.buffer(Long.BYTES);
        out.writeLongLE(
                Math.addExact(
                        Unpooled.wrappedBuffer(before).readLongLE(),
                        Unpooled.wrappedBuffer(now).readLongLE()));
        return Wire.readRest(out);
    }

    private static long number(byte[] text) {
        return Long.parseLong(new String(text, US_ASCII));
    }

    private static BigDecimal decimal(byte[] text) {
        return new BigDecimal(new String(text, US_ASCII));
    }

    private byte[] written() {
        ByteBuf out = Unpooled.buffer(64);
        if (binary) {
            out.writeByte(0);
            byte[] nulls = new byte[(columns.size() + NULL_BITS_OFFSET + 7) / 8];
            for (int cell = 0; cell < columns.size(); cell++) {
                if (values[cell] == null) {
                    int bit = cell + NULL_BITS_OFFSET;
                    nulls[bit / 8] |= (byte) (1 << bit % 8);
                }
            }
            out.writeBytes(nulls);
        }
        for (int cell = 0; cell < columns.size(); cell++) {
            write(out, columns.get(cell).type(), values[cell]);
        }
        return Wire.readRest(out);
    }

    private void write(ByteBuf out, int type, byte @Nullable [] value) {
        if (value == null) {
            if (!binary) {
                Wire.writeNull(out);
            }
        } else if (binary && RowCells.fixedBytes(type) > 0) {
            out.writeBytes(value);
        } else {
            Wire.writeBytes(out, value);
        }
    }
}
