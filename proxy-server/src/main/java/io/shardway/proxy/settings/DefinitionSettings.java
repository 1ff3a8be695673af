package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.rarely;

import java.time.Duration;
import java.util.List;

/**
 * How tables are defined. Immutable.
 *
 * @param lockTimeout for the definitions of other clients
 * @param takeoverTimeout for what an earlier attempt still does on a node
 * @param dropTimeout for transactions that use a keyspace which is dropped
 */
public record DefinitionSettings(
        Duration lockTimeout,
        Duration takeoverTimeout,
        Duration dropTimeout,
        int journalEntriesMax) {

    static final Setting<Duration> LOCK_TIMEOUT =
            rarely(
                    "definition.lock-timeout",
                    Kinds.millis(0, 3_600_000),
                    Duration.ofSeconds(30),
                    "How long CREATE, ALTER, DROP and their like wait for another one in the"
                            + " same keyspace.");
    static final Setting<Duration> TAKEOVER_TIMEOUT =
            rarely(
                    "definition.takeover-timeout",
                    Kinds.millis(100, 3_600_000),
                    Duration.ofSeconds(30),
                    "How long to wait until a node has ended what an earlier attempt at the"
                            + " same definition was doing there; it is killed.");
    static final Setting<Duration> DROP_TIMEOUT =
            rarely(
                    "definition.drop-timeout",
                    Kinds.seconds(1, 300),
                    Duration.ofSeconds(20),
                    "How long DROP DATABASE waits on a node for transactions that use the"
                            + " keyspace's tables (whole seconds), then says 1205 and has changed"
                            + " nothing.");
    static final Setting<Integer> JOURNAL_ENTRIES_MAX =
            rarely(
                    "definition.journal-entries-max",
                    new Kind.Number(1, 10_000),
                    200,
                    "How many definitions SHARDWAY SHOW DDL remembers; open ones are always"
                            + " kept.");

    static final List<Setting<?>> ALL =
            List.of(LOCK_TIMEOUT, TAKEOVER_TIMEOUT, DROP_TIMEOUT, JOURNAL_ENTRIES_MAX);

    public DefinitionSettings {
        LOCK_TIMEOUT.check(lockTimeout);
        TAKEOVER_TIMEOUT.check(takeoverTimeout);
        DROP_TIMEOUT.check(dropTimeout);
        JOURNAL_ENTRIES_MAX.check(journalEntriesMax);
    }

    static DefinitionSettings of(SettingValues values) {
        return new DefinitionSettings(
                values.get(LOCK_TIMEOUT),
                values.get(TAKEOVER_TIMEOUT),
                values.get(DROP_TIMEOUT),
                values.get(JOURNAL_ENTRIES_MAX));
    }
}
