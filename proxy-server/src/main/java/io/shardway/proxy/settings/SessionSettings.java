package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.often;
import static io.shardway.proxy.settings.Setting.rarely;

import io.shardway.router.plan.TransactionMode;
import java.util.List;

/**
 * What one session may hold in the proxy's memory. Immutable.
 *
 * @param diagnosticsBytesMax for SHOW WARNINGS
 * @param settingsMax session variables that differ from the node's
 * @param transactionMode of sessions that have not chosen one
 * @param scatter whether statements go to several shards, likewise
 */
public record SessionSettings(
        int preparedStatementsMax,
        int diagnosticsBytesMax,
        int userVariablesMax,
        int userVariableBytesMax,
        int settingsMax,
        TransactionMode transactionMode,
        boolean scatter) {

    static final Setting<Integer> PREPARED_STATEMENTS_MAX =
            rarely(
                    "session.prepared-statements-max",
                    new Kind.Number(1, 1_048_576),
                    16_382,
                    "How many prepared statements one session may hold.");
    static final Setting<Integer> DIAGNOSTICS_BYTES_MAX =
            rarely(
                    "session.diagnostics-bytes-max",
                    new Kind.Bytes(1 << 10, 16 << 20),
                    64 << 10,
                    "How much of the last warnings and errors one session keeps for SHOW"
                            + " WARNINGS.");
    static final Setting<Integer> USER_VARIABLES_MAX =
            rarely(
                    "session.user-variables-max",
                    new Kind.Number(0, 100_000),
                    1_000,
                    "How many user variables one session may set.");
    static final Setting<Integer> USER_VARIABLE_BYTES_MAX =
            rarely(
                    "session.user-variable-bytes-max",
                    new Kind.Bytes(1 << 10, 1 << 20),
                    1 << 20,
                    "How large the values of a session's user variables may be, all together.");
    static final Setting<Integer> SETTINGS_MAX =
            rarely(
                    "session.settings-max",
                    new Kind.Number(1, 10_000),
                    500,
                    "How many session variables one session may change.");
    static final Setting<TransactionMode> TRANSACTION_MODE =
            often(
                    "session.transaction-mode",
                    Kind.Choice.of(TransactionMode.class),
                    TransactionMode.SINGLE,
                    "Whether transactions may write on several shards (best-effort) or on one"
                            + " (single), until a session chooses with SHARDWAY SET"
                            + " transaction_mode.");

    static final Setting<Boolean> SCATTER =
            rarely(
                    "session.scatter",
                    new Kind.Switch(),
                    true,
                    "Whether statements may go to several shards, until a session chooses with"
                            + " SHARDWAY SET scatter.");

    static final List<Setting<?>> ALL =
            List.of(
                    PREPARED_STATEMENTS_MAX,
                    DIAGNOSTICS_BYTES_MAX,
                    USER_VARIABLES_MAX,
                    USER_VARIABLE_BYTES_MAX,
                    SETTINGS_MAX,
                    TRANSACTION_MODE,
                    SCATTER);

    public SessionSettings {
        PREPARED_STATEMENTS_MAX.check(preparedStatementsMax);
        DIAGNOSTICS_BYTES_MAX.check(diagnosticsBytesMax);
        USER_VARIABLES_MAX.check(userVariablesMax);
        USER_VARIABLE_BYTES_MAX.check(userVariableBytesMax);
        SETTINGS_MAX.check(settingsMax);
        TRANSACTION_MODE.check(transactionMode);
        SCATTER.check(scatter);
    }

    static SessionSettings of(SettingValues values) {
        return new SessionSettings(
                values.get(PREPARED_STATEMENTS_MAX),
                values.get(DIAGNOSTICS_BYTES_MAX),
                values.get(USER_VARIABLES_MAX),
                values.get(USER_VARIABLE_BYTES_MAX),
                values.get(SETTINGS_MAX),
                values.get(TRANSACTION_MODE),
                values.get(SCATTER));
    }
}
