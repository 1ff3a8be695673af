package io.shardway.proxy.query;

/** How far a proxy is in its life. */
public enum ProxyStage {
    /** Reads the topology and opens its pools; takes no clients yet. */
    STARTING,
    /** Takes clients. */
    SERVING,
    /** Takes no new clients, lets transactions finish. */
    DRAINING
}
