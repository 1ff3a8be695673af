package io.shardway.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.Optional;

/** The client's side of a session, as execution answers into it. Confined to its event loop. */
public interface ClientChannel {

    ByteBufAllocator allocator();

    EventLoop eventLoop();

    /** Queues framed packets; the channel owns the buffer. */
    void write(ByteBuf framed);

    void flush();

    /** Whether the client keeps up; when not, {@link Flow#resumed} is called once it does again. */
    boolean isWritable();

    /** Who to tell when the client keeps up again. */
    void flow(Flow flow);

    /** The command is answered completely; the next one may begin. */
    void commandDone();

    /** Sends what is queued and closes. */
    void close(CloseReason reason);

    /** A fault of our own: says so and closes. */
    void bug(Throwable cause);

    /** What was thrown by a command that went on later than the packet that brought it. */
    void thrown(Throwable cause);

    boolean isOpen();

    /** Everything the client sends goes there, until it says that it has enough. */
    void upload(Upload to);

    /** Stops and starts reading from the client. */
    void readOn(boolean on);

    /** Takes what a client sends in the middle of a command. */
    interface Upload {

        /**
         * @param bytes taken over
         * @return what does not belong to it any more; then it gets nothing further
         */
        Optional<ByteBuf> received(ByteBuf bytes);
    }

    /** Hears that a slow client can take more. */
    interface Flow {
        void resumed();
    }
}
