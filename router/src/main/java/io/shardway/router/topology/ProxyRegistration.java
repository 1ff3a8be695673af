package io.shardway.router.topology;

import io.shardway.router.keyspace.Epoch;
import java.util.concurrent.CompletionStage;

/**
 * The entry of this process in the {@link ProxyRegistry}, kept alive over lost sessions.
 * Thread-safe; methods block.
 */
public interface ProxyRegistration extends AutoCloseable {

    /** From 1 to {@link ProxyRegistry#NUMBER_MAX}. */
    int number();

    ProxyInfo info();

    /**
     * Says that this proxy serves the epoch and nothing older. If the store cannot be reached this
     * throws, and the announcement is made when it comes back. Older epochs than announced before
     * are ignored.
     */
    void announce(Epoch epoch);

    /**
     * Completes when another process took over the name, or an operator made the registry forget
     * it. The proxy must then stop serving.
     */
    CompletionStage<Void> superseded();

    /** Says that this proxy serves nothing any more. The name keeps its number. */
    void unregister();

    /** Stops keeping the entry alive without a word, as a crash would. */
    @Override
    void close();
}
