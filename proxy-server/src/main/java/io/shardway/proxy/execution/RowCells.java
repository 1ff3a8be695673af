package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.MalformedPacketException;
import java.util.List;

/**
 * Where the values of a row lie in its packet (MySQL Client/Server Protocol, "Text Resultset Row",
 * "Binary Protocol Resultset Row"). Reused for one row after the other; confined to one thread.
 */
final class RowCells {

    private static final int NULL_MARKER = 0xFB;

    /** The first two bits of a binary row's NULL bits have no column. */
    private static final int NULL_BITS_OFFSET = 2;

    private final int[] fixed;
    private final boolean binary;
    private final int[] from;
    private final int[] to;
    private byte[] row = new byte[0];
    private int at;
    private int end;

    RowCells(List<ColumnDefinition> columns, boolean binary) {
        this.binary = binary;
        this.from = new int[columns.size()];
        this.to = new int[columns.size()];
        this.fixed = columns.stream().mapToInt(column -> fixedBytes(column.type())).toArray();
    }

    /** How many bytes a binary value of the type has; 0 if they are counted before it. */
    static int fixedBytes(int type) {
        return switch (type) {
            case ColumnTypes.TINY -> 1;
            case ColumnTypes.SHORT, ColumnTypes.YEAR -> 2;
            case ColumnTypes.LONG, ColumnTypes.INT24, ColumnTypes.FLOAT -> 4;
            case ColumnTypes.LONGLONG, ColumnTypes.DOUBLE -> 8;
            default -> 0;
        };
    }

    /** Reads a row's values up to this one. */
    void read(byte[] payload, int last) {
        row = payload;
        at = binary ? 1 + (fixed.length + NULL_BITS_OFFSET + 7) / 8 : 0;
        for (int cell = 0; cell <= last; cell++) {
            if (isMarkedNull(cell)) {
                from[cell] = -1;
                to[cell] = -1;
                end = at;
                continue;
            }
            int length = binary && fixed[cell] > 0 ? fixed[cell] : length();
            from[cell] = at;
            at += length;
            to[cell] = at;
            end = at;
            if (at > row.length || length < 0) {
                throw new MalformedPacketException("a row ends too early");
            }
        }
    }

    private boolean isMarkedNull(int cell) {
        if (binary) {
            int bit = cell + NULL_BITS_OFFSET;
            return (row[1 + bit / 8] & 1 << bit % 8) != 0;
        }
        if (at >= row.length) {
            throw new MalformedPacketException("a row ends too early");
        }
        boolean marked = (row[at] & 0xFF) == NULL_MARKER;
        at += marked ? 1 : 0;
        return marked;
    }

    private int length() {
        int first = row[at++] & 0xFF;
        int bytes =
                switch (first) {
                    case 0xFC -> 2;
                    case 0xFD -> 3;
                    case 0xFE -> 8;
                    default -> 0;
                };
        if (bytes == 0) {
            return first;
        }
        long length = 0;
        for (int index = 0; index < bytes; index++) {
            length |= (row[at++] & 0xFFL) << 8 * index;
        }
        return Math.toIntExact(length);
    }

    byte[] row() {
        return row;
    }

    /** The binary row that was read up to this value, with a whole number in its place. */
    byte[] with(int cell, long number) {
        int start = isNull(cell) ? end : from[cell];
        byte[] changed = new byte[row.length - (end - start) + fixed[cell]];
        System.arraycopy(row, 0, changed, 0, start);
        for (int index = 0; index < fixed[cell]; index++) {
            changed[start + index] = (byte) (number >> 8 * index);
        }
        System.arraycopy(row, end, changed, start + fixed[cell], row.length - end);
        int bit = cell + NULL_BITS_OFFSET;
        changed[1 + bit / 8] &= (byte) ~(1 << bit % 8);
        return changed;
    }

    boolean isNull(int cell) {
        return from[cell] < 0;
    }

    int from(int cell) {
        return from[cell];
    }

    int to(int cell) {
        return to[cell];
    }
}
