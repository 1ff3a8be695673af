package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.backend.PreparedKey;
import java.util.Optional;

/**
 * COM_STMT_EXECUTE of an assembled statement. Never opens a cursor: the tables it reads are gone
 * afterwards, so all rows are sent at once, as MySQL itself does where it cannot keep a cursor.
 * Owns the client's command; confined to its event loop.
 *
 * @param key the statement as it is prepared on the scratch connection
 */
record AssembledExecuteCommand(ExecuteCommand client, PreparedKey key) implements BackendCommand {

    private static final int ID_AT = 1;
    private static final int FLAGS_AT = 5;
    private static final int CURSOR_FLAGS = 0x07;

    /**
     * The same with some of the client's parameters.
     *
     * @param chosen which of them each of the text's is; none if they are its own
     */
    static BackendCommand of(ExecuteCommand client, PreparedKey key, int[] chosen) {
        return chosen.length == 0
                ? new AssembledExecuteCommand(client, key)
                : new UnfoldedExecuteCommand(
                        new PartExecuteCommand(client, key, chosen, new long[0]));
    }

    @Override
    public PreparedKey needsPrepared() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = connection.prepared(key).orElseThrow();
        client.sendLongData(connection, prepared, Integer.MAX_VALUE);
        ByteBuf whole = client.withTypes(connection);
        prepared.bind(client.parameters().types());
        try {
            int at = whole.readerIndex();
            whole.setIntLE(at + ID_AT, (int) prepared.id());
            whole.setByte(at + FLAGS_AT, whole.getByte(at + FLAGS_AT) & ~CURSOR_FLAGS);
            connection.send(
                    LargePackets.frame(connection.allocator(), whole),
                    AnswerKind.RESULTS,
                    TextCommand.rewrite(sequenceShift, client.eofPackets()),
                    sink);
        } finally {
            whole.release();
        }
    }

    @Override
    public Optional<String> text() {
        return Optional.of(new String(key.sql(), UTF_8));
    }

    @Override
    public boolean calculatesFoundRows(int warnings) {
        return client.calculatesFoundRows(warnings);
    }

    @Override
    public void release() {
        client.release();
    }
}
