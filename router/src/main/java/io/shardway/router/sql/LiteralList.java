package io.shardway.router.sql;

import java.util.Arrays;

/** The literals of a statement while it is scanned. Reusable, confined to its lexer's thread. */
final class LiteralList {

    private static final int FIRST_SIZE = 32;
    private static final int KEPT_MAX = DigestWriter.KEPT_MAX / (2 * Integer.BYTES);
    private static final LiteralKind[] KINDS = LiteralKind.values();

    private int[] starts = new int[FIRST_SIZE];
    private int[] ends = new int[FIRST_SIZE];
    private byte[] kinds = new byte[FIRST_SIZE];
    private int count;

    void reset() {
        count = 0;
        if (starts.length > KEPT_MAX) {
            resize(FIRST_SIZE);
        }
    }

    void add(LiteralKind kind, int start, int end) {
        if (count == starts.length) {
            resize(count * 2);
        }
        starts[count] = start;
        ends[count] = end;
        kinds[count] = (byte) kind.ordinal();
        count++;
    }

    int count() {
        return count;
    }

    LiteralKind kind(int index) {
        return KINDS[kinds[checked(index)]];
    }

    int start(int index) {
        return starts[checked(index)];
    }

    int end(int index) {
        return ends[checked(index)];
    }

    private int checked(int index) {
        if (index >= count) {
            throw new IndexOutOfBoundsException("literal " + index + " of " + count);
        }
        return index;
    }

    private void resize(int size) {
        starts = Arrays.copyOf(starts, size);
        ends = Arrays.copyOf(ends, size);
        kinds = Arrays.copyOf(kinds, size);
    }
}
