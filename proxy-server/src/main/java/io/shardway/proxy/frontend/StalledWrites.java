package io.shardway.proxy.frontend;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Sees whether a client still takes what is queued for it; looks once in a while and costs nothing
 * in between. Confined to its event loop.
 */
final class StalledWrites {

    private boolean watching;
    private long leftBytes;
    private long sinceNanos;

    /** What waits for the client in the proxy. */
    static long queuedBytes(Channel channel) {
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        return queued == null ? 0 : queued.totalPendingWriteBytes();
    }

    /** For how long the client has taken nothing although much waits for it; 0 if it keeps up. */
    long stalledNanos(Channel channel, long nowNanos) {
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        if (queued == null || channel.isWritable()) {
            watching = false;
            return 0;
        }
        // A queue shrinks only by whole buffers; a slow client takes one in many pieces.
        long left = queued.totalPendingWriteBytes() - queued.currentProgress();
        if (!watching || left < leftBytes) {
            watching = true;
            sinceNanos = nowNanos;
        }
        leftBytes = left;
        return nowNanos - sinceNanos;
    }
}
