package io.shardway.proxy.query;

import io.shardway.router.keyspace.Epoch;

/**
 * One registered proxy. Immutable.
 *
 * @param address where clients reach it, host:port
 * @param life such as {@code alive}
 * @param announced the epoch it said it serves
 * @param self whether it is the proxy that answers
 */
public record ProxyPeer(
        int number,
        String name,
        String address,
        String version,
        String life,
        Epoch announced,
        boolean self) {}
