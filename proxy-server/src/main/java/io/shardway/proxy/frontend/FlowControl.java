package io.shardway.proxy.frontend;

import io.netty.channel.Channel;
import io.shardway.proxy.session.ClientChannel;
import java.util.Optional;

/**
 * Holds back a client that sends more than it may, and what is read for a client that takes less
 * than comes. Confined to its event loop.
 */
final class FlowControl {

    private final Channel channel;
    private boolean paused;
    private Optional<ClientChannel.Flow> waiting = Optional.empty();

    FlowControl(Channel channel) {
        this.channel = channel;
    }

    void pauseReading() {
        if (!paused) {
            paused = true;
            channel.config().setAutoRead(false);
        }
    }

    void resumeReading() {
        if (paused) {
            paused = false;
            channel.config().setAutoRead(true);
        }
    }

    /** To be told once when the client can be written to again. */
    void awaitWritable(ClientChannel.Flow flow) {
        waiting = Optional.of(flow);
    }

    /** The answer is written; nobody needs to be told. */
    void answerDone() {
        waiting = Optional.empty();
    }

    void writabilityChanged() {
        if (channel.isWritable()) {
            Optional<ClientChannel.Flow> told = waiting;
            waiting = Optional.empty();
            told.ifPresent(ClientChannel.Flow::resumed);
        }
    }
}
