package io.shardway.cli;

import io.shardway.proxy.settings.ProxySettings;

/** Starts the proxy in this JVM. Stateless. */
public final class ProxyStart {

    private ProxyStart() {}

    public static RunningProxy start(ProxySettings settings) {
        throw new UserProblem("This build has no proxy yet (" + settings.frontend().port() + ").");
    }
}
