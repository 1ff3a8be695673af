package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer to COM_STMT_EXECUTE that the proxy makes itself; its columns are LONGLONG or text.
 * Confined to one thread.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html">
 *     MySQL Client/Server Protocol: Binary Protocol Resultset</a>
 */
public final class BinaryResult {

    /** The first two bits of a row's NULL bitmap are not used. */
    private static final int NULL_BITS_OFFSET = 2;

    private final ResultRows rows;

    public BinaryResult(List<ColumnDefinition> columns) {
        for (ColumnDefinition column : columns) {
            if (column.type() != ColumnTypes.LONGLONG && column.type() != ColumnTypes.VAR_STRING) {
                throw new IllegalArgumentException("only LONGLONG and VAR_STRING: " + column);
            }
        }
        rows = new ResultRows(columns);
    }

    /** Adds a row: as for {@link TextResult}; values of LONGLONG columns must be numbers. */
    public BinaryResult row(@Nullable Object... values) {
        rows.add(values);
        return this;
    }

    /** As {@link TextResult#write}. */
    public int write(ByteBuf out, int sequence, long capabilities, EofPacket end) {
        return rows.write(out, sequence, capabilities, end, BinaryResult::writeRow);
    }

    private static void writeRow(
            ByteBuf out, List<ColumnDefinition> columns, @Nullable Object[] row) {
        out.writeByte(0);
        byte[] nulls = new byte[(row.length + NULL_BITS_OFFSET + 7) / 8];
        for (int i = 0; i < row.length; i++) {
            if (row[i] == null) {
                int bit = i + NULL_BITS_OFFSET;
                nulls[bit / 8] |= (byte) (1 << (bit % 8));
            }
        }
        out.writeBytes(nulls);
        for (int i = 0; i < row.length; i++) {
            Object value = row[i];
            if (value != null) {
                writeValue(out, columns.get(i), value);
            }
        }
    }

    private static void writeValue(ByteBuf out, ColumnDefinition column, Object value) {
        if (column.type() != ColumnTypes.LONGLONG) {
            Wire.writeBytes(out, ResultRows.bytes(value));
        } else if (value instanceof Number number) {
            out.writeLongLE(number.longValue());
        } else {
            out.writeLongLE(Long.parseLong(value.toString()));
        }
    }
}
