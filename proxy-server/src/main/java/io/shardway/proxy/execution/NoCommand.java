package io.shardway.proxy.execution;

import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;

/** A connection is only brought to the session's settings. */
enum NoCommand implements BackendCommand {
    INSTANCE;

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        throw new IllegalStateException("nothing to send");
    }

    @Override
    public void release() {}
}
