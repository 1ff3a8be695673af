package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.Wire;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of one table on their way from the shards to the scratch connection: binary rows (MySQL
 * Client/Server Protocol, "Binary Protocol Resultset Row"), which become the parameters of an
 * INSERT but for the place of their NULL bits. Confined to its event loop.
 */
final class PulledRows {

    /** MySQL takes no more parameters. */
    private static final int PARAMETERS_MAX = 0xFFFF;

    private static final int ROWS_MAX = 256;
    private static final int BATCH_BYTES = 512 << 10;
    private static final int UNSIGNED = 0x80;
    private static final int HEADER_BYTES = 1;
    private static final int COUNT_AVAILABLE = 0x08;

    /** The first two bits of a row's NULL bits have no column. */
    private static final int NULL_BITS_OFFSET = 2;

    private final int columns;
    private final int rowsMax;
    private final ArrayDeque<byte[]> rows = new ArrayDeque<>();
    private byte[] types = new byte[0];
    private List<Integer> characterSets = List.of();
    private long bytes;

    PulledRows(int columns) {
        this.columns = columns;
        this.rowsMax = Integer.highestOneBit(Math.clamp(PARAMETERS_MAX / columns, 1, ROWS_MAX));
    }

    /** Takes the columns of an answer; false if another shard answers otherwise. */
    boolean described(List<ColumnDefinition> definitions) {
        byte[] described = new byte[definitions.size() * 2];
        var sets = new ArrayList<Integer>();
        for (int column = 0; column < definitions.size(); column++) {
            ColumnDefinition definition = definitions.get(column);
            described[column * 2] = (byte) parameterType(definition.type());
            boolean unsigned = (definition.flags() & ColumnTypes.UNSIGNED_FLAG) != 0;
            described[column * 2 + 1] = (byte) (unsigned ? UNSIGNED : 0);
            sets.add(definition.characterSet());
        }
        if (types.length == 0) {
            types = described;
            characterSets = List.copyOf(sets);
        }
        return definitions.size() == columns
                && Arrays.equals(types, described)
                && characterSets.equals(sets);
    }

    /** Text goes as bytes, which are stored without being converted; JSON must be text. */
    private static int parameterType(int type) {
        return switch (type) {
            case ColumnTypes.TINY,
                    ColumnTypes.SHORT,
                    ColumnTypes.LONG,
                    ColumnTypes.LONGLONG,
                    ColumnTypes.FLOAT,
                    ColumnTypes.DOUBLE,
                    ColumnTypes.NEWDECIMAL,
                    ColumnTypes.DATE,
                    ColumnTypes.TIME,
                    ColumnTypes.DATETIME,
                    ColumnTypes.TIMESTAMP ->
                    type;
            case ColumnTypes.INT24 -> ColumnTypes.LONG;
            case ColumnTypes.YEAR -> ColumnTypes.SHORT;
            case ColumnTypes.JSON -> ColumnTypes.VAR_STRING;
            default -> ColumnTypes.BLOB;
        };
    }

    /**
     * @param row its whole payload
     */
    void add(byte[] row) {
        rows.add(row);
        bytes += row.length;
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Enough for one INSERT of the largest kind. */
    boolean isFull() {
        return rows.size() >= rowsMax || bytes >= BATCH_BYTES;
    }

    /** How many rows the next INSERT takes: a power of two, so that few are prepared. */
    int nextBatch() {
        int count = 0;
        long size = 0;
        for (byte[] row : rows) {
            size += row.length;
            if (count == rowsMax || (count > 0 && size > BATCH_BYTES)) {
                break;
            }
            count++;
        }
        return Integer.highestOneBit(count);
    }

    /**
     * Takes rows out, as COM_STMT_EXECUTE.
     *
     * @param attributes whether parameters have names on this connection
     */
    ByteBuf take(int count, long statementId, boolean attributes, ByteBufAllocator allocator) {
        ByteBuf payload = allocator.buffer(BATCH_BYTES / 4);
        try {
            payload.writeByte(Commands.STMT_EXECUTE).writeIntLE((int) statementId);
            payload.writeByte(attributes ? COUNT_AVAILABLE : 0).writeIntLE(1);
            if (attributes) {
                Wire.writeLength(payload, (long) count * columns);
            }
            int bitsAt = payload.writerIndex();
            payload.writeZero((count * columns + 7) / 8).writeByte(1);
            for (int row = 0; row < count; row++) {
                writeTypes(payload, attributes);
            }
            for (int row = 0; row < count; row++) {
                writeRow(payload, bitsAt, row * columns);
            }
            return LargePackets.frame(allocator, payload);
        } finally {
            payload.release();
        }
    }

    private void writeTypes(ByteBuf payload, boolean attributes) {
        if (!attributes) {
            payload.writeBytes(types);
            return;
        }
        for (int column = 0; column < columns; column++) {
            payload.writeBytes(types, column * 2, 2).writeByte(0);
        }
    }

    private void writeRow(ByteBuf payload, int bitsAt, int firstParameter) {
        byte[] row = rows.remove();
        bytes -= row.length;
        for (int column = 0; column < columns; column++) {
            int bit = column + NULL_BITS_OFFSET;
            if ((row[HEADER_BYTES + bit / 8] >> (bit % 8) & 1) != 0) {
                int parameter = firstParameter + column;
                int at = bitsAt + parameter / 8;
                payload.setByte(at, payload.getByte(at) | 1 << (parameter % 8));
            }
        }
        int valuesAt = HEADER_BYTES + (columns + NULL_BITS_OFFSET + 7) / 8;
        payload.writeBytes(row, valuesAt, row.length - valuesAt);
    }

    void drop() {
        rows.clear();
        bytes = 0;
    }
}
