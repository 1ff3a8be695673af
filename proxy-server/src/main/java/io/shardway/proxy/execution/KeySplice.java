package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.Wire;
import java.io.ByteArrayOutputStream;

/**
 * Writes the parameters of an execution with one more, or another one, among them: a number of
 * eight bytes. Confined to its event loop.
 */
final class KeySplice {

    private static final int HEADER_BYTES = 10;

    private final ExecuteParameters parameters;
    private final int at;
    private final boolean added;
    private final byte[] types;

    /**
     * @param added else it takes the place of the client's parameter
     */
    KeySplice(ExecuteParameters parameters, int at, boolean added) {
        this.parameters = parameters;
        this.at = at;
        this.added = added;
        this.types = splicedTypes();
    }

    /** The types as they are sent: with query attributes each has a name. */
    byte[] types() {
        return types;
    }

    private byte[] splicedTypes() {
        byte[] before = parameters.allTypes();
        int from = parameters.typeAt(before, at);
        int to = added ? from : parameters.typeAt(before, at + 1);
        var out = new ByteArrayOutputStream(before.length + 3);
        out.write(before, 0, from);
        out.write(ColumnTypes.LONGLONG);
        out.write(0);
        if (parameters.areNamed()) {
            out.write(0);
        }
        out.write(before, to, before.length - to);
        return out.toByteArray();
    }

    /** The whole payload, from the command byte on; the statement's id is still the client's. */
    ByteBuf payload(ByteBufAllocator allocator, long key) {
        int count = parameters.count() + (added ? 1 : 0);
        ByteBuf in = parameters.payload();
        ByteBuf out = allocator.buffer(in.readableBytes() + types.length + 32);
        out.writeBytes(in, in.readerIndex(), HEADER_BYTES);
        if (parameters.isCounted()) {
            Wire.writeLength(out, count);
        }
        writeNulls(out, count);
        out.writeByte(1).writeBytes(types);
        int from = parameters.valueFrom(at);
        int to = added ? from : parameters.valueFrom(at + 1);
        int first = parameters.valueFrom(0);
        out.writeBytes(in, first, from - first);
        out.writeLongLE(key);
        out.writeBytes(in, to, in.writerIndex() - to);
        return out;
    }

    private void writeNulls(ByteBuf out, int count) {
        byte[] bits = new byte[(count + 7) / 8];
        for (int index = 0; index < count; index++) {
            int old = added && index > at ? index - 1 : index;
            if (index != at && parameters.isNull(old)) {
                bits[index / 8] |= (byte) (1 << (index % 8));
            }
        }
        out.writeBytes(bits);
    }
}
