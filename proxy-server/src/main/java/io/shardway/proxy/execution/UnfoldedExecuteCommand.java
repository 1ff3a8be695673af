package io.shardway.proxy.execution;

import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import java.util.Optional;

/**
 * COM_STMT_EXECUTE of an assembled statement that has parameters of the client's more than once.
 * Never opens a cursor. Owns the client's command; confined to its event loop.
 */
record UnfoldedExecuteCommand(PartExecuteCommand part) implements BackendCommand {

    @Override
    public PreparedKey needsPrepared() {
        return part.key();
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        part.send(connection, sink, sequenceShift);
    }

    @Override
    public Optional<String> text() {
        return part.text();
    }

    @Override
    public boolean calculatesFoundRows(int warnings) {
        return part.client().calculatesFoundRows(warnings);
    }

    @Override
    public void release() {
        part.client().release();
    }
}
