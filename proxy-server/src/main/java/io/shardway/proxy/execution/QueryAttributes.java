package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.protocol.Wire;

/**
 * Finds the text of a COM_QUERY behind its attributes (MySQL Client/Server Protocol, "COM_QUERY").
 */
public final class QueryAttributes {

    private QueryAttributes() {}

    /**
     * @param payload from the command byte on; its indexes are not moved
     * @return where the text begins, counted from the command byte
     */
    public static int textAt(ByteBuf payload) {
        int start = payload.readerIndex();
        if (payload.readableBytes() >= 3 && payload.getByte(start + 1) == 0) {
            return 3;
        }
        ByteBuf in = payload.duplicate();
        Wire.skip(in, 1);
        int count = ExecuteParameters.readCount(in);
        Wire.readNumber(in);
        if (count > 0) {
            skip(in, count);
        }
        return in.readerIndex() - start;
    }

    private static void skip(ByteBuf in, int count) {
        byte[] nulls = Wire.readFixed(in, (count + 7) / 8);
        boolean typesSent = Wire.readByte(in) == 1;
        int[] types = new int[count];
        for (int i = 0; i < count; i++) {
            if (typesSent) {
                types[i] = Wire.readShort(in);
                Wire.skipBytes(in);
            }
        }
        for (int i = 0; i < count; i++) {
            boolean isNull = (nulls[i / 8] & (1 << (i % 8))) != 0;
            if (!isNull) {
                ExecuteParameters.skipValue(in, types[i] & 0xFF);
            }
        }
    }
}
