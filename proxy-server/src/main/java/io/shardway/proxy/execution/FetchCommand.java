package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.BackendStatement;
import io.shardway.proxy.session.PreparedStatement;

/** COM_STMT_FETCH on the connection that holds the cursor. Owns the buffer. */
record FetchCommand(PreparedStatement statement, ByteBuf framed, boolean eofPackets)
        implements BackendCommand {

    private static final int FRAMED_ID_AT = 5;

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        BackendStatement prepared = statement.cursor().orElseThrow().statement();
        framed.setIntLE(framed.readerIndex() + FRAMED_ID_AT, (int) prepared.id());
        connection.send(
                framed.retainedDuplicate(),
                AnswerKind.ROWS,
                TextCommand.rewrite(sequenceShift, eofPackets),
                sink);
    }

    @Override
    public void release() {
        framed.release();
    }
}
