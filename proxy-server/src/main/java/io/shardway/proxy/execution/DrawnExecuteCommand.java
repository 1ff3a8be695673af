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
 * COM_STMT_EXECUTE with a drawn key among its parameters, of which the client knows nothing. Owns
 * the client's command; confined to its event loop.
 *
 * @param key the statement as it is prepared on the node
 * @param parameter where the key stands among the parameters
 * @param added whether the client has no parameter there
 */
record DrawnExecuteCommand(
        ExecuteCommand client, PreparedKey key, int parameter, boolean added, long drawn)
        implements BackendCommand {

    private static final int ID_AT = 1;

    static DrawnExecuteCommand replacing(ExecuteCommand client, int parameter, long drawn) {
        return new DrawnExecuteCommand(client, client.statement().key(), parameter, false, drawn);
    }

    static DrawnExecuteCommand adding(
            ExecuteCommand client, PreparedKey key, int parameter, long drawn) {
        return new DrawnExecuteCommand(client, key, parameter, true, drawn);
    }

    @Override
    public PreparedKey needsPrepared() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = connection.prepared(key).orElseThrow();
        client.sendLongData(connection, prepared, added ? parameter : Integer.MAX_VALUE);
        var splice = new KeySplice(client.parameters(), parameter, added);
        prepared.bind(splice.types());
        ByteBuf payload = splice.payload(connection.allocator(), drawn);
        try {
            payload.setIntLE(ID_AT, (int) prepared.id());
            connection.send(
                    LargePackets.frame(connection.allocator(), payload),
                    AnswerKind.RESULTS,
                    TextCommand.rewrite(sequenceShift, client.eofPackets()),
                    sink);
        } finally {
            payload.release();
        }
    }

    @Override
    public Optional<String> text() {
        return Optional.of(new String(key.sql(), UTF_8));
    }

    @Override
    public void release() {
        client.release();
    }
}
