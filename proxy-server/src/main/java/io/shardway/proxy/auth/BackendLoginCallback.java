package io.shardway.proxy.auth;

import io.netty.channel.ChannelHandlerContext;

/** Hears once, on the connection's event loop, how a login at a node ended. */
public interface BackendLoginCallback {

    /**
     * The connection is ready for commands. Must add its handlers behind {@code context} before it
     * returns: {@link BackendLogin} then leaves the pipeline.
     */
    void loggedIn(ChannelHandlerContext context, BackendHello hello);

    /** The login failed; the connection is being closed. */
    void failed(BackendLoginException failure);
}
