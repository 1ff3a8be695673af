package io.shardway.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.ServerStatus;

/**
 * Takes the answer to one command. Confined to the event loop of its backend connection; each call
 * comes in the order of the bytes.
 */
public interface AnswerSink {

    /**
     * Bytes of the answer, cut at packet borders only where the follower needed to look. The sink
     * owns them.
     *
     * @param last nothing of this answer follows
     */
    void bytes(ByteBuf bytes, boolean last);

    /**
     * The packet that ends a result was seen; called before its bytes are handed over, so that the
     * sink can change its status flags in place through {@code end}.
     */
    void resultEnded(ResultEnd end);

    /**
     * The node asks the client for a file and waits for it; the packet that asks is among the next
     * bytes.
     *
     * @param sequence of that packet, as the node sent it
     */
    default void localFileAsked(int sequence) {
        throw new MalformedPacketException("the node asked for a local file");
    }

    /** The status flags of an EOF packet behind definitions, which nodes do not send. */
    default int statusMeanwhile() {
        return ServerStatus.AUTOCOMMIT;
    }

    /** All bytes that the node had sent were handed over; a good moment to flush. */
    default void readComplete() {}

    /**
     * The answer is complete, all its bytes were handed over. The connection is free for the next
     * command.
     */
    void answered(BackendConnection connection);

    /**
     * The connection broke before the answer was complete.
     *
     * @param answerBegun at least one byte of the answer had come
     */
    void lost(BackendConnection connection, boolean answerBegun, Throwable cause);
}
