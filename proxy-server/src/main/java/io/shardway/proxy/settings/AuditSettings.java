package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.often;
import static io.shardway.proxy.settings.Setting.rarely;

import java.util.List;

/**
 * What the audit log (logger {@code shardway.audit}) is told. Immutable.
 *
 * @param queueMax events that wait for a slow disk; past it they are dropped and counted
 */
public record AuditSettings(Logins logins, Statements administration, int queueMax) {

    /** Which logins. */
    public enum Logins {
        /** Every login. */
        ALL,
        /** Refused ones only. */
        FAILED,
        /** None. */
        NONE
    }

    /** Which admin statements. */
    public enum Statements {
        /** Every one. */
        ALL,
        /** Those that change something, carried out or refused. */
        CHANGES,
        /** None. */
        NONE
    }

    static final Setting<Logins> LOGINS =
            often(
                    "audit.logins",
                    Kind.Choice.of(Logins.class),
                    Logins.ALL,
                    "Which logins the audit log names.");
    static final Setting<Statements> ADMINISTRATION =
            often(
                    "audit.administration",
                    Kind.Choice.of(Statements.class),
                    Statements.CHANGES,
                    "Which SHARDWAY statements the audit log names.");
    static final Setting<Integer> QUEUE_MAX =
            rarely(
                    "audit.queue-max",
                    new Kind.Number(1, 1_000_000),
                    10_000,
                    "How many lines of the audit log may wait for a slow disk; more are dropped and"
                            + " counted.");

    static final List<Setting<?>> ALL = List.of(LOGINS, ADMINISTRATION, QUEUE_MAX);

    public AuditSettings {
        QUEUE_MAX.check(queueMax);
    }

    static AuditSettings of(SettingValues values) {
        return new AuditSettings(
                values.get(LOGINS), values.get(ADMINISTRATION), values.get(QUEUE_MAX));
    }
}
