package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.util.List;

/**
 * The plan cache. Immutable.
 *
 * @param cachedStatementBytesMax longer statements are planned each time
 */
public record PlanSettings(int cacheEntriesMax, int cachedStatementBytesMax) {

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
                            "Plans of statements longer than this are not remembered.")
                    .idle("when plan.cache-entries-max is 0");

    static final List<Setting<?>> ALL = List.of(CACHE_ENTRIES_MAX, CACHED_STATEMENT_BYTES_MAX);

    public PlanSettings {
        CACHE_ENTRIES_MAX.check(cacheEntriesMax);
        CACHED_STATEMENT_BYTES_MAX.check(cachedStatementBytesMax);
    }

    static PlanSettings of(SettingValues values) {
        return new PlanSettings(
                values.get(CACHE_ENTRIES_MAX), values.get(CACHED_STATEMENT_BYTES_MAX));
    }
}
