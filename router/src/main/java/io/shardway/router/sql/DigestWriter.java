package io.shardway.router.sql;

import java.util.Arrays;

/**
 * The bytes of a digest while it grows. Reusable, confined to its lexer's thread.
 *
 * <p>One blank stands between two tokens, none beside {@code ( ) ,} (which never melt with a
 * neighbour). Two places keep whether the client wrote a blank, because MySQL reads them
 * differently: a word before {@code (} (a function or not) and a word before a point (a keyword or
 * not).
 */
final class DigestWriter {

    /** A buffer that grew beyond this shrinks at the next statement. */
    static final int KEPT_MAX = 1 << 20;

    private static final int FIRST_SIZE = 1024;

    private byte[] buffer = new byte[FIRST_SIZE];
    private int length;
    private boolean open = true;

    /** Begins again; the dialect is part of the digest. */
    void reset(SqlDialect dialect) {
        if (buffer.length > KEPT_MAX) {
            buffer = new byte[FIRST_SIZE];
        }
        int flags = 0x40;
        flags |= dialect.ansiQuotes() ? 1 : 0;
        flags |= dialect.noBackslashEscapes() ? 2 : 0;
        flags |= dialect.pipesAsConcat() ? 4 : 0;
        flags |= dialect.utf8Text() ? 8 : 0;
        buffer[0] = (byte) flags;
        length = 1;
        open = true;
    }

    /** A token as the client wrote it. */
    void token(byte[] text, int from, int to) {
        int size = to - from;
        ensure(size + 1);
        byte[] target = buffer;
        int at = length;
        if (!open) {
            target[at++] = ' ';
        }
        open = false;
        if (size < 16) {
            for (int i = 0; i < size; i++) {
                target[at + i] = text[from + i];
            }
        } else {
            System.arraycopy(text, from, target, at, size);
        }
        length = at + size;
    }

    /** One of {@code ( ) ,}. */
    void punctuation(byte mark, boolean keepBlank) {
        ensure(2);
        if (keepBlank) {
            buffer[length++] = ' ';
        }
        buffer[length++] = mark;
        open = true;
    }

    /** A point: blanks around it are the client's. */
    void point(boolean blankBefore, boolean touchesWord) {
        ensure(2);
        if (blankBefore) {
            buffer[length++] = ' ';
        }
        buffer[length++] = '.';
        open = touchesWord;
    }

    /** Stands for a literal's value; must be below 0x20, which no well-formed token holds. */
    void mark(byte mark) {
        ensure(2);
        if (!open) {
            buffer[length++] = ' ';
        }
        buffer[length++] = mark;
        open = false;
    }

    void showIn(Digest digest) {
        digest.show(buffer, length);
    }

    private void ensure(int more) {
        if (length + more > buffer.length) {
            int wanted = Math.max(length + more, (int) Math.min(buffer.length * 2L, 1L << 30));
            buffer = Arrays.copyOf(buffer, wanted);
        }
    }
}
