package io.shardway.proxy.frontend;

/**
 * Sees whether a client still takes what is queued for it; looks once in a while and costs nothing
 * in between. Confined to its event loop.
 */
final class StalledWrites {

    private boolean watching;
    private long takenBytes;
    private long sinceNanos;

    /**
     * For how long the client has taken nothing although much waits for it; 0 if it keeps up.
     *
     * @param taken bytes since it came; how much waits would not do, for it is filled up meanwhile
     */
    long stalledNanos(boolean muchWaits, long taken, long nowNanos) {
        if (!muchWaits) {
            watching = false;
            return 0;
        }
        if (!watching || taken > takenBytes) {
            watching = true;
            takenBytes = taken;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos;
    }
}
