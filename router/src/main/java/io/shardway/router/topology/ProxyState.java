package io.shardway.router.topology;

import io.shardway.router.keyspace.Epoch;

/**
 * One registered proxy. Immutable.
 *
 * @param number from 1 to {@link ProxyRegistry#NUMBER_MAX}
 * @param announced the newest epoch it said it serves; {@link Epoch#NONE} before the first
 */
public record ProxyState(int number, ProxyInfo info, ProxyLife life, Epoch announced) {

    public boolean alive() {
        return life == ProxyLife.ALIVE;
    }

    /** Whether it may still serve something older than this epoch. */
    public boolean owes(Epoch epoch) {
        return life != ProxyLife.STOPPED && epoch.isAfter(announced);
    }
}
