package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.util.List;

/**
 * Planning and the plan cache. Immutable.
 *
 * @param cachedStatementBytesMax statements that are longer without their literals are planned each
 *     time
 * @param inFlightMax shapes that may be planned or wait for it at once
 * @param grammarBytesMax what the parser learns from statements is dropped beyond this, or beyond a
 *     quarter of the heap; the latest proxy of a process decides
 * @param wordsMax longer statements are refused; also those of which a quarter of the heap would be
 *     needed
 * @param warmUp whether typical shapes are planned at the start
 */
public record PlanSettings(
        int cacheEntriesMax,
        int cachedStatementBytesMax,
        int inFlightMax,
        int grammarBytesMax,
        int wordsMax,
        boolean warmUp) {

    static final Setting<Integer> CACHE_ENTRIES_MAX =
            rarely(
                    "plan.cache-entries-max",
                    new Kind.Number(0, 1_000_000),
                    10_000,
                    "How many shapes of statements are remembered with their plans.");
    static final Setting<Integer> CACHED_STATEMENT_BYTES_MAX =
            rarely(
                            "plan.cached-statement-bytes-max",
                            new Kind.Bytes(1 << 10, 16 << 20),
                            32 << 10,
                            "Plans of statements longer than this, literals left out, are not remembered.")
                    .idle("when plan.cache-entries-max is 0");

    static final Setting<Integer> IN_FLIGHT_MAX =
            rarely(
                    "plan.in-flight-max",
                    new Kind.Number(1, 1_000_000),
                    1_000,
                    "How many shapes of statements may be planned for the first time, or wait for it, at once.");

    static final Setting<Integer> GRAMMAR_BYTES_MAX =
            rarely(
                    "plan.grammar-bytes-max",
                    new Kind.Bytes(16 << 20, 1 << 30),
                    256 << 20,
                    "How much the parser may remember of the grammar, estimated; beyond it, or beyond a quarter of the heap, it learns anew, and planning new shapes takes some times longer for a while.");

    static final Setting<Integer> WORDS_MAX =
            rarely(
                    "plan.words-max",
                    new Kind.Number(10_000, 100_000_000),
                    1_000_000,
                    "Statements of more words, values, commas and the like are refused (SW-5013), also those that need more than a quarter of the heap to be planned: a KiB for each, in plain keyspaces a quarter of it. INSERT and REPLACE of rows of plain values may have any number.");

    static final Setting<Boolean> WARM_UP =
            rarely(
                    "plan.warm-up",
                    new Kind.Switch(),
                    true,
                    "Typical statements are planned as the proxy starts; off saves two seconds of CPU there, and the first statements of clients take longer.");

    static final List<Setting<?>> ALL =
            List.of(
                    CACHE_ENTRIES_MAX,
                    CACHED_STATEMENT_BYTES_MAX,
                    IN_FLIGHT_MAX,
                    GRAMMAR_BYTES_MAX,
                    WORDS_MAX,
                    WARM_UP);

    public PlanSettings {
        CACHE_ENTRIES_MAX.check(cacheEntriesMax);
        CACHED_STATEMENT_BYTES_MAX.check(cachedStatementBytesMax);
        IN_FLIGHT_MAX.check(inFlightMax);
        GRAMMAR_BYTES_MAX.check(grammarBytesMax);
        WORDS_MAX.check(wordsMax);
    }

    static PlanSettings of(SettingValues values) {
        return new PlanSettings(
                values.get(CACHE_ENTRIES_MAX),
                values.get(CACHED_STATEMENT_BYTES_MAX),
                values.get(IN_FLIGHT_MAX),
                values.get(GRAMMAR_BYTES_MAX),
                values.get(WORDS_MAX),
                values.get(WARM_UP));
    }
}
