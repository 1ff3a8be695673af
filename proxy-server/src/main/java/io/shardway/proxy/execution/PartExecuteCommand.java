package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.protocol.Wire;
import io.shardway.proxy.session.PreparedStatement.LongData;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * COM_STMT_EXECUTE of a part of a statement with some of its parameters; query attributes are left
 * out. Does not own the client's command; confined to its event loop.
 *
 * @param key the part as it is prepared on the node
 * @param chosen the client's parameters that it has, in its order; -1 less a row's number stands
 *     for the key that is drawn for it; not written to
 * @param drawn the rows' keys; not written to
 */
record PartExecuteCommand(ExecuteCommand client, PreparedKey key, int[] chosen, long[] drawn)
        implements BackendCommand {

    private static final int COUNT_AVAILABLE = 0x08;

    @Override
    public PreparedKey needsPrepared() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = connection.prepared(key).orElseThrow();
        sendLongData(connection, prepared);
        byte[] types = types();
        prepared.bind(types);
        ByteBuf payload = payload(connection.allocator(), prepared, types);
        try {
            connection.send(
                    LargePackets.frame(connection.allocator(), payload),
                    AnswerKind.RESULTS,
                    TextCommand.rewrite(sequenceShift, client.eofPackets()),
                    sink);
        } finally {
            payload.release();
        }
    }

    private void sendLongData(BackendConnection connection, BackendStatement prepared) {
        for (LongData piece : client.statement().longData()) {
            for (int index = 0; index < chosen.length; index++) {
                if (chosen[index] == piece.parameter()) {
                    ByteBuf bytes = piece.bytes();
                    ByteBuf out = connection.allocator().buffer(7 + bytes.readableBytes());
                    out.writeByte(Commands.STMT_SEND_LONG_DATA);
                    out.writeIntLE((int) prepared.id()).writeShortLE(index);
                    out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
                    connection.write(LargePackets.frame(connection.allocator(), out));
                    out.release();
                }
            }
        }
    }

    private byte[] types() {
        ExecuteParameters parameters = client.parameters();
        byte[] all = parameters.allTypes();
        var out = new ByteArrayOutputStream(chosen.length * 3);
        int[] at = parameters.typeOffsets(all);
        for (int index : chosen) {
            if (index >= 0) {
                out.write(all, at[index], at[index + 1] - at[index]);
                continue;
            }
            out.write(ColumnTypes.LONGLONG);
            out.write(0);
            if (parameters.areNamed()) {
                out.write(0);
            }
        }
        return out.toByteArray();
    }

    private ByteBuf payload(ByteBufAllocator allocator, BackendStatement prepared, byte[] types) {
        ExecuteParameters parameters = client.parameters();
        ByteBuf in = parameters.payload();
        ByteBuf out = allocator.buffer(in.readableBytes() + types.length + 32);
        boolean counted = parameters.areNamed();
        out.writeByte(Commands.STMT_EXECUTE).writeIntLE((int) prepared.id());
        out.writeByte(counted ? COUNT_AVAILABLE : 0).writeIntLE(1);
        if (counted) {
            Wire.writeLength(out, chosen.length);
        }
        if (chosen.length == 0) {
            return out;
        }
        byte[] nulls = new byte[(chosen.length + 7) / 8];
        for (int index = 0; index < chosen.length; index++) {
            if (chosen[index] >= 0 && parameters.isNull(chosen[index])) {
                nulls[index / 8] |= (byte) (1 << (index % 8));
            }
        }
        out.writeBytes(nulls).writeByte(1).writeBytes(types);
        int[] at = parameters.valueOffsets();
        for (int index : chosen) {
            if (index >= 0) {
                out.writeBytes(in, at[index], at[index + 1] - at[index]);
            } else {
                out.writeLongLE(drawn[-1 - index]);
            }
        }
        return out;
    }

    @Override
    public Optional<String> text() {
        return client.text();
    }

    @Override
    public void release() {
        // The client's command is released by whoever has it.
    }
}
