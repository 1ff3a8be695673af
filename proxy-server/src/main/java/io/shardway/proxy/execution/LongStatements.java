package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Tokens;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps the planning of long statements from filling the heap: too long ones are refused, and of
 * the others one is planned at a time. Thread-safe.
 */
final class LongStatements {

    /** Shorter ones are nobody's trouble. */
    private static final int BYTES_MIN = 64 << 10;

    /**
     * What the parser makes of a word, with the lists of words that the planner reads; measured.
     */
    private static final int PARSED_BYTES = 1 << 10;

    private static final int LISTED_BYTES = PARSED_BYTES / 4;
    private static final int HEAP_PARTS = 4;

    private final ReentrantLock one = new ReentrantLock();
    private volatile int wordsMax = Integer.MAX_VALUE;

    void limit(int toWords) {
        wordsMax = toWords;
    }

    /**
     * The plan of text[from,to), unless it is too long.
     *
     * @param parsed whether the parser reads it
     */
    Planned plan(
            byte[] text,
            int from,
            int to,
            SqlDialect dialect,
            boolean parsed,
            Supplier<Planned> planner) {
        if (to - from < BYTES_MIN) {
            return planner.get();
        }
        Optional<Planned> refused = refusal(Tokens.count(text, from, to, dialect), parsed);
        if (refused.isPresent()) {
            return refused.get();
        }
        one.lock();
        try {
            return planner.get();
        } finally {
            one.unlock();
        }
    }

    private Optional<Planned> refusal(int words, boolean parsed) {
        long heap = Runtime.getRuntime().maxMemory() / HEAP_PARTS;
        long most = Math.min(wordsMax, heap / (parsed ? PARSED_BYTES : LISTED_BYTES));
        return words <= most
                ? Optional.empty()
                : Optional.of(
                        Planned.byTokens(
                                new Plan.Rejected(
                                        ErrorCode.STATEMENT_TOO_LONG,
                                        "it has %,d words, values and commas; at most %,d"
                                                .formatted(words, most))));
    }
}
