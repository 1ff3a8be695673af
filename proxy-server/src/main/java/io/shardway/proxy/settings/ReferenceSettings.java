package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;

/**
 * Reference tables. Immutable.
 *
 * @param waitersMax statements that may wait to write, all tables together
 * @param writeTimeout how long one waits for other writes and shards, a lost outcome, a repair
 * @param checkInterval between two looks at the numbers of all copies
 */
public record ReferenceSettings(int waitersMax, Duration writeTimeout, Duration checkInterval) {

    static final Setting<Integer> WAITERS_MAX =
            rarely(
                    "reference.waiters-max",
                    new Kind.Number(1, 1_000_000),
                    1_000,
                    "How many statements may wait to write reference tables.");
    static final Setting<Duration> WRITE_TIMEOUT =
            rarely(
                    "reference.write-timeout",
                    new Kind.Time(Duration.ofMillis(100), Duration.ofMinutes(10)),
                    Duration.ofSeconds(10),
                    "How long a write of a reference table waits for others, for another shard's locks and commit, for the outcome of a commit whose answer was lost, and for a copy that is repaired.");
    static final Setting<Duration> CHECK_INTERVAL =
            rarely(
                    "reference.check-interval",
                    new Kind.Time(Duration.ofMillis(50), Duration.ofMinutes(10)),
                    Duration.ofSeconds(1),
                    "How often the copies of reference tables are checked for missing writes, and repaired.");

    static final List<Setting<?>> ALL = List.of(WAITERS_MAX, WRITE_TIMEOUT, CHECK_INTERVAL);

    public ReferenceSettings {
        WAITERS_MAX.check(waitersMax);
        WRITE_TIMEOUT.check(writeTimeout);
        CHECK_INTERVAL.check(checkInterval);
    }

    static ReferenceSettings of(SettingValues values) {
        return new ReferenceSettings(
                values.get(WAITERS_MAX), values.get(WRITE_TIMEOUT), values.get(CHECK_INTERVAL));
    }
}
