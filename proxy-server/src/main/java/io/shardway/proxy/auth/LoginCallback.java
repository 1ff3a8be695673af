package io.shardway.proxy.auth;

import io.netty.channel.ChannelHandlerContext;

/** Takes a client's connection over after its login. */
@FunctionalInterface
public interface LoginCallback {

    /**
     * Called once on the connection's event loop. Must add its handlers behind {@code context}
     * before it returns: {@link FrontendLogin} then leaves the pipeline and passes on what the
     * client has sent already. Must send the OK (or an ERR) that ends the login, at once or later,
     * with {@link LoginResult#nextSequence}.
     */
    void loggedIn(ChannelHandlerContext context, LoginResult result);
}
