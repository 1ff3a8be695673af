package io.shardway.router.topology;

import java.time.Duration;
import java.util.function.Function;

/** Lets KILL reach sessions of other proxies. Thread-safe; methods block. */
public interface KillMailbox {

    /** Asks a proxy and waits for its outcome. Never throws because the proxy is away. */
    KillOutcome send(int proxyNumber, KillRequest request, Duration timeout);

    /**
     * Answers the requests for this registration until closed. The handler is called by one thread
     * and should be quick; what it throws is logged and answered as {@link
     * KillOutcome#UNREACHABLE}.
     */
    Watch receive(ProxyRegistration registration, Function<KillRequest, KillOutcome> handler);
}
