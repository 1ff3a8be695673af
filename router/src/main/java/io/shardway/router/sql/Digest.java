package io.shardway.router.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A statement without the values of its literals: the key of the plan cache. Equal digests are the
 * same statement, read in the same dialect, but for literal values; all bytes are compared, never a
 * hash alone. What {@link Lexer#digest} returns is a view, valid until the next scan and confined
 * to the lexer's thread; what {@link #copy} returns is immutable.
 */
public final class Digest implements Comparable<Digest> {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FACTOR = 0x9E3779B97F4A7C15L;
    private static final String[] MARKS = {
        "", "?int", "?decimal", "?float", "?string", "?hex", "?bits", "?national", "?other"
    };

    private byte[] bytes;
    private int length;
    private int hash;

    Digest() {
        this(new byte[0], 0, 0);
    }

    private Digest(byte[] bytes, int length, int hash) {
        this.bytes = bytes;
        this.length = length;
        this.hash = hash;
    }

    /** Shows other bytes; only a lexer does that, and only to its own view. */
    void show(byte[] newBytes, int newLength) {
        bytes = newBytes;
        length = newLength;
        hash = hashOf(newBytes, newLength);
    }

    /** An immutable digest of its own, to be stored. */
    public Digest copy() {
        return new Digest(Arrays.copyOf(bytes, length), length, hash);
    }

    public int sizeInBytes() {
        return length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that
                && hash == that.hash
                && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** Any total order: it keeps a map fast when somebody makes hashes collide. */
    @Override
    public int compareTo(Digest other) {
        return Arrays.compare(bytes, 0, length, other.bytes, 0, other.length);
    }

    /** For people: marks of literals are spelled out, the dialect is left out. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        int from = Math.min(1, length);
        for (int i = from; i < length; i++) {
            if (bytes[i] > 0 && bytes[i] < MARKS.length) {
                text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8));
                text.append(MARKS[bytes[i]]);
                from = i + 1;
            }
        }
        return text.append(new String(bytes, from, length - from, StandardCharsets.UTF_8))
                .toString();
    }

    private static int hashOf(byte[] bytes, int length) {
        long mixed = length;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            mixed = mix(mixed ^ (long) LONGS.get(bytes, i));
        }
        long rest = 0;
        for (; i < length; i++) {
            rest = rest << 8 | (bytes[i] & 0xFF);
        }
        mixed = mix(mixed ^ rest);
        return (int) (mixed ^ mixed >>> 32);
    }

    private static long mix(long value) {
        long product = value * FACTOR;
        return product ^ product >>> 29;
    }
}
