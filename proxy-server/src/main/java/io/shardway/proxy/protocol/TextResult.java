package io.shardway.proxy.protocol;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer to COM_QUERY that the proxy makes itself. Confined to one thread.
 *
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html">
 *     MySQL Client/Server Protocol: Text Resultset</a>
 */
public final class TextResult {

    private final ResultRows rows;

    public TextResult(List<ColumnDefinition> columns) {
        rows = new ResultRows(columns);
    }

    /** Adds a row: {@code byte[]} as it is, null as NULL, all else as text in UTF-8. */
    public TextResult row(@Nullable Object... values) {
        rows.add(values);
        return this;
    }

    /**
     * Appends all packets, the first with {@code sequence}.
     *
     * @param end warnings and status for the end; written as an OK where DEPRECATE_EOF is agreed
     * @return the sequence number of the packet that may follow
     */
    public int write(ByteBuf out, int sequence, long capabilities, EofPacket end) {
        return rows.write(out, sequence, capabilities, end, TextResult::writeRow);
    }

    private static void writeRow(
            ByteBuf out, List<ColumnDefinition> columns, @Nullable Object[] row) {
        for (Object value : row) {
            if (value == null) {
                Wire.writeNull(out);
            } else {
                Wire.writeBytes(out, ResultRows.bytes(value));
            }
        }
    }
}
