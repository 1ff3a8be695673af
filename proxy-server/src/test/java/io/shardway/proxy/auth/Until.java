package io.shardway.proxy.auth;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Waits for states with a deadline. */
final class Until {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private Until() {}

    static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }
}
