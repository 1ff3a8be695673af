package io.shardway.proxy.execution;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Objects;
import java.util.RandomAccess;

/** Which records of a file one statement on a node has. Confined to its event loop. */
final class FileRows extends AbstractList<Integer> implements RandomAccess {

    private int[] rows = new int[64];
    private int size;

    /** Counts from 0. */
    void append(int row) {
        if (size == rows.length) {
            rows = Arrays.copyOf(rows, 2 * size);
        }
        rows[size++] = row;
    }

    @Override
    public void clear() {
        size = 0;
    }

    @Override
    public Integer get(int index) {
        return rows[Objects.checkIndex(index, size)];
    }

    @Override
    public int size() {
        return size;
    }
}
