package io.shardway.router.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Whether a transaction may write on several shards, and what its COMMIT promises. Immutable. */
public enum TransactionMode {
    /** It writes on one shard, whose MySQL commits it whole or not at all. */
    SINGLE,
    /**
     * It may write on several, which commit one after the other. Where that breaks off, the client
     * hears which did.
     */
    BEST_EFFORT;

    /** As it is written in SQL and in settings. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<TransactionMode> of(String word) {
        return Arrays.stream(values())
                .filter(mode -> mode.word().equalsIgnoreCase(word))
                .findFirst();
    }
}
