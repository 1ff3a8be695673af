package io.shardway.router.topology;

/** What is known of a registered proxy. */
public enum ProxyLife {
    /** Its session with the store lives. */
    ALIVE,
    /** Its session ended without a word; it may still be serving and can only be fenced. */
    LOST,
    /** It said that it stopped: it serves nothing. */
    STOPPED
}
