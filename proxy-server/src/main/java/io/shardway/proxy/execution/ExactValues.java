package io.shardway.proxy.execution;

import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ColumnTypes;
import java.io.ByteArrayOutputStream;

/**
 * Writes values so that comparing bytes compares values as MySQL does. Only for types in which that
 * hangs on no collation: integers, decimals, dates and times without a time zone, binary strings.
 * Values of one column are compared, so all have the same scale and fraction. Stateless.
 */
final class ExactValues {

    private static final long MICROS_PER_SECOND = 1_000_000L;

    private ExactValues() {}

    static boolean areKnown(ColumnDefinition column) {
        return isNumber(column.type())
                || isTime(column.type())
                || (column.characterSet() == Collations.BINARY
                        && (column.type() == ColumnTypes.STRING
                                || column.type() == ColumnTypes.VAR_STRING)
                        && (column.flags() & (ColumnTypes.ENUM_FLAG | ColumnTypes.SET_FLAG)) == 0);
    }

    private static boolean isNumber(int type) {
        return RowCells.fixedBytes(type) > 0 && !isFloating(type) || type == ColumnTypes.NEWDECIMAL;
    }

    private static boolean isFloating(int type) {
        return type == ColumnTypes.FLOAT || type == ColumnTypes.DOUBLE;
    }

    private static boolean isTime(int type) {
        return type == ColumnTypes.DATE || type == ColumnTypes.DATETIME || type == ColumnTypes.TIME;
    }

    /**
     * Appends a value, or NULL, which is less than any.
     *
     * @param cell which of the row's values
     * @param binary whether the row is of the binary protocol
     */
    static void write(
            ByteArrayOutputStream out,
            ColumnDefinition column,
            RowCells cells,
            int cell,
            boolean binary) {
        if (cells.isNull(cell)) {
            out.write(0);
            return;
        }
        out.write(1);
        byte[] row = cells.row();
        int from = cells.from(cell);
        int to = cells.to(cell);
        if (!isNumber(column.type()) && !isTime(column.type())) {
            writeString(out, row, from, to);
        } else if (!binary || column.type() == ColumnTypes.NEWDECIMAL) {
            writeDigits(out, row, from, to);
        } else if (column.type() == ColumnTypes.TIME) {
            writeLong(out, micros(row, from, to) ^ Long.MIN_VALUE);
        } else if (isTime(column.type())) {
            writeDate(out, row, from, to);
        } else {
            writeInteger(out, column, row, from, to);
        }
    }

    /** A zero byte within the string is told from its end. */
    private static void writeString(ByteArrayOutputStream out, byte[] row, int from, int to) {
        for (int at = from; at < to; at++) {
            out.write(row[at]);
            if (row[at] == 0) {
                out.write(0xFF);
            }
        }
        out.write(0);
        out.write(0);
    }

    /**
     * Text of a number, date or time: of two with the same sign the longer one is farther from
     * zero, leading zeros left out.
     */
    private static void writeDigits(ByteArrayOutputStream out, byte[] row, int from, int to) {
        boolean negative = row[from] == '-';
        int at = negative ? from + 1 : from;
        while (at < to && row[at] == '0') {
            at++;
        }
        int flip = negative ? 0xFF : 0;
        int length = to - at;
        out.write(negative ? 0 : 1);
        out.write((length >> 8) ^ flip);
        out.write(length ^ flip);
        for (; at < to; at++) {
            out.write(row[at] ^ flip);
        }
    }

    private static void writeInteger(
            ByteArrayOutputStream out, ColumnDefinition column, byte[] row, int from, int to) {
        boolean unsigned = (column.flags() & ColumnTypes.UNSIGNED_FLAG) != 0;
        long value = unsigned ? 0 : row[to - 1] >> 7;
        for (int at = to - 1; at >= from; at--) {
            value = value << 8 | row[at] & 0xFF;
        }
        writeLong(out, unsigned ? value : value ^ Long.MIN_VALUE);
    }

    /** MySQL Client/Server Protocol, "Binary Protocol Value: DATETIME". */
    private static void writeDate(ByteArrayOutputStream out, byte[] row, int from, int to) {
        int length = to - from;
        out.write(length > 1 ? row[from + 1] : 0);
        out.write(length > 0 ? row[from] : 0);
        for (int part = 2; part < 7; part++) {
            out.write(part < length ? row[from + part] : 0);
        }
        writeLong(out, length > 7 ? unsigned(row, from + 7) : 0);
    }

    /** MySQL Client/Server Protocol, "Binary Protocol Value: TIME". */
    private static long micros(byte[] row, int from, int to) {
        if (to == from) {
            return 0;
        }
        long hours = unsigned(row, from + 1) * 24 + row[from + 5];
        long seconds = (hours * 60 + row[from + 6]) * 60 + row[from + 7];
        long micros = to - from > 8 ? unsigned(row, from + 8) : 0;
        long all = seconds * MICROS_PER_SECOND + micros;
        return row[from] == 0 ? all : -all;
    }

    private static long unsigned(byte[] row, int at) {
        return row[at] & 0xFFL
                | (row[at + 1] & 0xFFL) << 8
                | (row[at + 2] & 0xFFL) << 16
                | (row[at + 3] & 0xFFL) << 24;
    }

    private static void writeLong(ByteArrayOutputStream out, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
