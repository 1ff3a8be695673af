package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.proxy.session.PreparedStatement.LongData;
import java.util.Arrays;
import java.util.Optional;

/**
 * COM_STMT_EXECUTE under the backend's own statement id. Types are sent along when the node does
 * not know them from an execution before. Owns the buffer; confined to its event loop.
 *
 * @param key as it is prepared on the node
 * @param payload from the command byte on, in one piece
 * @param framed the command as the client framed it; the same bytes, with headers
 */
record ExecuteCommand(
        PreparedStatement statement,
        PreparedKey key,
        ByteBuf framed,
        ByteBuf payload,
        ExecuteParameters parameters,
        boolean eofPackets)
        implements BackendCommand {

    private static final int ID_AT = 1;
    private static final int FRAMED_ID_AT = 5;
    private static final int FLAGS_AT = 5;
    private static final int FRAMED_FLAGS_AT = 9;

    /** CURSOR_TYPE_READ_ONLY, _FOR_UPDATE and _SCROLLABLE. */
    private static final int CURSOR_FLAGS = 0x07;

    /**
     * The same execution of another text with the same parameters. Without a cursor, which a server
     * need not open: it would be one of a statement that the client does not know.
     */
    ExecuteCommand rewritten(PreparedKey other) {
        clearCursorFlags(framed, framed.readerIndex() + FRAMED_FLAGS_AT);
        clearCursorFlags(payload, payload.readerIndex() + FLAGS_AT);
        return new ExecuteCommand(statement, other, framed, payload, parameters, eofPackets);
    }

    /** The same, for an answer that the proxy puts together. */
    ExecuteCommand withoutEof() {
        return new ExecuteCommand(statement, key, framed, payload, parameters, false);
    }

    /** That of a text with some of the parameters, which owns nothing. */
    BackendCommand reading(PreparedKey text, int[] chosen) {
        return new PartExecuteCommand(this, text, chosen, new long[0]);
    }

    /** Whether the client wants to fetch the rows bit by bit. */
    boolean asksForCursor() {
        return (payload.getByte(payload.readerIndex() + FLAGS_AT) & CURSOR_FLAGS) != 0;
    }

    private static void clearCursorFlags(ByteBuf command, int at) {
        command.setByte(at, command.getByte(at) & ~CURSOR_FLAGS);
    }

    @Override
    public PreparedKey needsPrepared() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = connection.prepared(key).orElseThrow();
        sendLongData(connection, prepared, Integer.MAX_VALUE);
        ByteBuf command = command(connection, prepared);
        prepared.bind(parameters.types());
        connection.send(
                command, AnswerKind.RESULTS, TextCommand.rewrite(sequenceShift, eofPackets), sink);
    }

    private ByteBuf command(BackendConnection connection, BackendStatement prepared) {
        boolean known =
                parameters.count() == 0
                        || parameters.typesSent()
                        || parameters.types().length == 0
                        || Arrays.equals(prepared.boundTypes(), parameters.types());
        if (known) {
            framed.setIntLE(framed.readerIndex() + FRAMED_ID_AT, (int) prepared.id());
            return framed.retainedDuplicate();
        }
        ByteBuf whole = withTypes(connection);
        try {
            whole.setIntLE(ID_AT, (int) prepared.id());
            return LargePackets.frame(connection.allocator(), whole);
        } finally {
            whole.release();
        }
    }

    /** The payload for a node that does not know the types yet; the caller releases it. */
    ByteBuf withTypes(BackendConnection connection) {
        ByteBuf whole =
                connection.allocator().buffer(payload.readableBytes() + parameters.types().length);
        if (parameters.count() == 0 || parameters.typesSent() || parameters.types().length == 0) {
            return whole.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        }
        int flagAt = parameters.bindFlagAt() - payload.readerIndex();
        whole.writeBytes(payload, payload.readerIndex(), flagAt);
        whole.writeByte(1).writeBytes(parameters.types());
        int rest = payload.readerIndex() + flagAt + 1;
        return whole.writeBytes(payload, rest, payload.writerIndex() - rest);
    }

    /**
     * @param added parameters from here on are one further on the node
     */
    void sendLongData(BackendConnection connection, BackendStatement prepared, int added) {
        for (LongData piece : statement.longData()) {
            int parameter = piece.parameter() + (piece.parameter() >= added ? 1 : 0);
            ByteBuf bytes = piece.bytes();
            ByteBuf payloadOut = connection.allocator().buffer(7 + bytes.readableBytes());
            payloadOut.writeByte(Commands.STMT_SEND_LONG_DATA);
            payloadOut.writeIntLE((int) prepared.id()).writeShortLE(parameter);
            payloadOut.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
            connection.write(LargePackets.frame(connection.allocator(), payloadOut));
            payloadOut.release();
        }
    }

    @Override
    public Optional<String> text() {
        return Optional.of(new String(statement.key().sql(), UTF_8));
    }

    @Override
    public boolean calculatesFoundRows(int warnings) {
        return statement.calculatesFoundRows();
    }

    @Override
    public void release() {
        framed.release();
        payload.release();
        statement.clearLongData();
    }
}
