package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;

/** The sink of a connection nobody has sent a command on. */
enum NobodyWaits implements AnswerSink {
    INSTANCE;

    @Override
    public void bytes(ByteBuf bytes, boolean last) {
        bytes.release();
    }

    @Override
    public void resultEnded(ResultEnd end) {}

    @Override
    public void answered(BackendConnection connection) {}

    @Override
    public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {}
}
