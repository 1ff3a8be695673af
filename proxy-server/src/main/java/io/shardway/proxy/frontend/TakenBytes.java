package io.shardway.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Counts what a client's socket was given; stands next to the socket, so that with TLS it is what
 * really goes out. Confined to its event loop.
 */
final class TakenBytes extends ChannelOutboundHandlerAdapter {

    private long writtenBytes;
    private long flushedBytes;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        writtenBytes += ((ByteBuf) message).readableBytes();
        context.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        flushedBytes = writtenBytes;
        context.flush();
    }

    /** What waits for the client in the proxy, with Netty's own small change. */
    static long queuedBytes(Channel channel) {
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        return queued == null ? 0 : queued.totalPendingWriteBytes();
    }

    /**
     * What the client has taken since it came. The queue's own figures do not say it: they rise
     * with what is put in, and count each buffer's overhead.
     */
    long taken(Channel channel) {
        var waiting = new Waiting();
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        if (queued != null) {
            try {
                queued.forEachFlushedMessage(waiting);
            } catch (Exception impossible) {
                throw new ChannelException("Adding up failed.", impossible);
            }
        }
        return flushedBytes - waiting.bytes;
    }

    private static final class Waiting implements ChannelOutboundBuffer.MessageProcessor {
        private long bytes;

        @Override
        public boolean processMessage(Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            return true;
        }
    }
}
