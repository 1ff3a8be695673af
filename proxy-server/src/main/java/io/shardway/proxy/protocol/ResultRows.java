package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns and rows of an answer that the proxy makes itself. Confined to one thread. */
final class ResultRows {

    private final List<ColumnDefinition> columns;
    private final List<@Nullable Object[]> rows = new ArrayList<>();

    ResultRows(List<ColumnDefinition> columns) {
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("a result has at least one column");
        }
        this.columns = List.copyOf(columns);
    }

    /** Writes one row's payload. */
    interface RowWriter {
        void write(ByteBuf out, List<ColumnDefinition> columns, @Nullable Object[] row);
    }

    void add(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(
                    values.length + " values for " + columns.size() + " columns");
        }
        rows.add(Arrays.copyOf(values, values.length));
    }

    int write(ByteBuf out, int sequence, long capabilities, EofPacket end, RowWriter writer) {
        int next = Packets.append(out, sequence, body -> writeCount(body, capabilities));
        for (ColumnDefinition column : columns) {
            next = Packets.append(out, next, column::write);
        }
        boolean okEnds = Capabilities.has(capabilities, Capabilities.DEPRECATE_EOF);
        if (!okEnds) {
            next = Packets.append(out, next, end::write);
        }
        for (@Nullable Object[] row : rows) {
            next = Packets.append(out, next, body -> writer.write(body, columns, row));
        }
        if (!okEnds) {
            return Packets.append(out, next, end::write);
        }
        OkPacket ok = new OkPacket(0, 0, end.status(), end.warnings(), new byte[0], List.of());
        return Packets.append(out, next, body -> ok.write(body, OkPacket.EOF_HEADER, capabilities));
    }

    private void writeCount(ByteBuf body, long capabilities) {
        if (Capabilities.has(capabilities, Capabilities.OPTIONAL_RESULTSET_METADATA)) {
            body.writeByte(1); // RESULTSET_METADATA_FULL: the definitions follow.
        }
        Wire.writeLength(body, columns.size());
    }

    /** A value as text: bytes as they are, all else by its {@code toString} in UTF-8. */
    static byte[] bytes(Object value) {
        return value instanceof byte[] bytes ? bytes : value.toString().getBytes(UTF_8);
    }
}
