package io.shardway.proxy.settings;

/** Whether connections to nodes are encrypted. */
public enum BackendTls {
    /** Never. */
    DISABLED,
    /** Where the node offers it. */
    PREFERRED,
    /** Always; a node without TLS is not used. */
    REQUIRED
}
