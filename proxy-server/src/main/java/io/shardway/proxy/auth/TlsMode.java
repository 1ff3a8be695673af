package io.shardway.proxy.auth;

/** Whether connections to nodes use TLS. Immutable. */
public enum TlsMode {
    /** Never. */
    DISABLED,

    /** Where the node offers it; somebody on the way can prevent it. */
    PREFERRED,

    /** Always: without it the login fails. */
    REQUIRED
}
