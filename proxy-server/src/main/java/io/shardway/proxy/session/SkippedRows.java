package io.shardway.proxy.session;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Tells whether a text may skip rows by LIMIT, so that FOUND_ROWS() is another number than that of
 * the rows sent. In doubt it may. Stateless.
 */
public final class SkippedRows {

    private static final byte[] LIMIT = "limit".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OFFSET = "offset".getBytes(StandardCharsets.US_ASCII);

    private SkippedRows() {}

    /** On the path of every statement that answers rows: allocates nothing. */
    public static boolean mayBeIn(ByteBuf text, int from, int to) {
        for (int at = from; at + LIMIT.length <= to; at++) {
            if (isAt(text, at, LIMIT)) {
                return skipsBehind(text, at + LIMIT.length, to);
            }
        }
        return false;
    }

    private static boolean skipsBehind(ByteBuf text, int from, int to) {
        for (int at = from; at < to; at++) {
            if (text.getByte(at) == ',' || at + OFFSET.length <= to && isAt(text, at, OFFSET)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(ByteBuf text, int at, byte[] word) {
        for (int index = 0; index < word.length; index++) {
            if ((text.getByte(at + index) | 0x20) != word[index]) {
                return false;
            }
        }
        return true;
    }
}
