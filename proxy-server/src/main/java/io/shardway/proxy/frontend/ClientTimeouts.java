package io.shardway.proxy.frontend;

import io.netty.channel.Channel;
import io.shardway.proxy.session.Session;
import java.util.concurrent.TimeUnit;

/**
 * Whether a client has passed one of its time limits, its own (SET wait_timeout, SET
 * net_write_timeout) before the proxy's. Confined to its event loop.
 */
final class ClientTimeouts {

    private final Channel channel;
    private final Session session;
    private final TakenBytes takenBytes;
    private final StalledWrites stalledWrites = new StalledWrites();

    ClientTimeouts(Channel channel, TakenBytes takenBytes, Session session) {
        this.channel = channel;
        this.takenBytes = takenBytes;
        this.session = session;
    }

    /** It takes nothing of its answer. Each call looks at what was taken since the last one. */
    boolean takesNothing(long nowNanos, long writeTimeoutSeconds) {
        long limit = session.timeoutSeconds("net_write_timeout").orElse(writeTimeoutSeconds);
        boolean muchWaits = channel.isOpen() && !channel.isWritable();
        long taken = muchWaits ? takenBytes.taken(channel) : 0;
        return seconds(stalledWrites.stalledNanos(muchWaits, taken, nowNanos)) >= limit;
    }

    boolean isIdleTooLong(long idleNanos, long waitTimeoutSeconds) {
        return seconds(idleNanos) >= session.waitTimeoutSeconds().orElse(waitTimeoutSeconds);
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }
}
