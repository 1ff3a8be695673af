package io.shardway.proxy.frontend;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.Packets;
import java.util.concurrent.TimeUnit;

/**
 * What a client is told before its connection closes, and for how long it may take to read that.
 * Confined to its event loop.
 */
final class LastWords {

    /** A client that does not read what is queued for it is not waited for longer. */
    private static final int PATIENCE_SECONDS = 5;

    private final Channel channel;

    LastWords(Channel channel) {
        this.channel = channel;
    }

    void send(ErrPacket packet, int sequence) {
        channel.writeAndFlush(
                Packets.frame(
                        channel.alloc(),
                        sequence,
                        out -> packet.write(out, Capabilities.PROTOCOL_41)));
    }

    /** Closes once the client has what is queued for it, or has had its time. */
    void close() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (channel.isActive()) {
            var late =
                    channel.eventLoop()
                            .schedule(() -> channel.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(_ -> late.cancel(false));
        }
    }
}
