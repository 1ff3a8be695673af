package io.shardway.proxy.backend;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a node takes no connections at present, if so, and how long statements wait for it and for
 * the next try. Confined to its event loop.
 */
final class NodeTrouble {

    private static final long RECONNECT_MILLIS_MIN = 50;
    private static final long RECONNECT_MILLIS_MAX = 1_000;

    private final NodePool.PoolLimits limits;
    private Optional<ShardwayException> reason = Optional.empty();
    private long sinceNanos;
    private long reconnectMillis = RECONNECT_MILLIS_MIN;

    NodeTrouble(NodePool.PoolLimits limits) {
        this.limits = limits;
    }

    /** Why the last connection failed; empty if it did not. */
    Optional<ShardwayException> reason() {
        return reason;
    }

    boolean isPresent() {
        return reason.isPresent();
    }

    void noted(ShardwayException now) {
        if (reason.isEmpty()) {
            sinceNanos = System.nanoTime();
        }
        reason = Optional.of(now);
    }

    void ended() {
        reason = Optional.empty();
        reconnectMillis = RECONNECT_MILLIS_MIN;
    }

    /** For so long that nobody waits for its end any more. */
    boolean isTooLong() {
        return reason.isPresent()
                && System.nanoTime() - sinceNanos > limits.fencedHoldMax().toNanos();
    }

    /** How long a statement waits for a connection; longer while the proxy is fenced. */
    Duration patience() {
        boolean fenced = reason.isPresent() && reason.get().code() == ErrorCode.PROXY_FENCED;
        return fenced && limits.fencedHoldMax().compareTo(limits.acquireTimeout()) > 0
                ? limits.fencedHoldMax()
                : limits.acquireTimeout();
    }

    /** The pause before the next try; each is twice as long as the one before. */
    long nextReconnectMillis() {
        long pause = reconnectMillis;
        reconnectMillis = Math.min(RECONNECT_MILLIS_MAX, reconnectMillis * 2);
        return pause;
    }
}
