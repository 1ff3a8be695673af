package io.shardway.proxy.execution;

import io.shardway.proxy.backend.SettingsProfile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The settings under which the parts of an assembled statement run. Stateless. */
final class AssemblySettings {

    /**
     * Values are stored as they come, or refused: zero dates are values like others, an id of 0 is
     * not drawn anew.
     */
    private static final SettingsProfile LOADING = loading("STRICT_ALL_TABLES,");

    /**
     * The same, but what a value does not fit into is a warning: whoever loads must look at all.
     */
    private static final SettingsProfile LOADING_WITH_WARNINGS = loading("");

    private static final SettingsProfile FETCHING =
            SettingsProfile.of(
                    Map.of(
                            "sql_mode",
                            "'ALLOW_INVALID_DATES'",
                            "time_zone",
                            "'+00:00'",
                            "character_set_results",
                            "NULL"));

    private static final List<String> KEPT_IN_PULLS =
            List.of(
                    "autocommit",
                    "transaction_isolation",
                    "transaction_read_only",
                    "max_execution_time",
                    "lock_wait_timeout",
                    "innodb_lock_wait_timeout",
                    "max_sort_length");

    private static final List<String> KEPT_IN_STORING =
            List.of(
                    "PAD_CHAR_TO_FULL_LENGTH",
                    "NO_UNSIGNED_SUBTRACTION",
                    "TIME_TRUNCATE_FRACTIONAL");

    /** What conditions mean hangs on them. */
    private static final List<String> KEPT_IN_CONDITIONS =
            List.of("sql_mode", "character_set_client", "collation_connection");

    private static final Pattern SEMIJOIN_ON = Pattern.compile("(['\",])semijoin=on");

    /** How long a node lets rows wait for those of other shards: an hour. */
    private static final String WAIT_SECONDS = "3600";

    private AssemblySettings() {}

    /**
     * For the client's statement on each shard.
     *
     * @param waits whether its rows may have to wait for those of the others
     */
    static SettingsProfile scattered(SettingsProfile session, boolean waits) {
        return waits
                ? session.with(Map.of("net_write_timeout", Optional.of(WAIT_SECONDS)))
                : session;
    }

    private static SettingsProfile loading(String strict) {
        return SettingsProfile.of(
                Map.of(
                        "sql_mode",
                        "'" + strict + "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'",
                        "time_zone",
                        "'+00:00'",
                        "sql_quote_show_create",
                        "1"));
    }

    /**
     * For filling tables with an ENUM; its number 0, which a column can have, is never stored
     * strictly.
     */
    static SettingsProfile loadingWithWarnings(SettingsProfile session) {
        return LOADING_WITH_WARNINGS;
    }

    /** For reading rows that were made as they are: nothing is converted. */
    static SettingsProfile fetching(SettingsProfile session) {
        return FETCHING;
    }

    /**
     * For storing rows as MySQL has made or read them: dates, ids and members that the session
     * could not write are values like others. What a generated column is hangs on the modes that
     * stay.
     */
    static SettingsProfile storing(SettingsProfile session) {
        String mode = session.literal("sql_mode").orElse("");
        String kept =
                KEPT_IN_STORING.stream()
                        .filter(mode::contains)
                        .map(each -> each + ",")
                        .collect(Collectors.joining());
        var literals = new HashMap<String, Optional<String>>();
        literals.put(
                "sql_mode",
                Optional.of(
                        "'"
                                + kept
                                + "ERROR_FOR_DIVISION_BY_ZERO,ALLOW_INVALID_DATES,"
                                + "NO_AUTO_VALUE_ON_ZERO'"));
        if (session.literal("sql_safe_updates").isPresent()) {
            literals.put("sql_safe_updates", Optional.of("0")); // Was asked of the statement.
        }
        return session.with(literals);
    }

    /** For making and filling temporary tables; nothing of the session's matters there. */
    static SettingsProfile loading(SettingsProfile session) {
        return LOADING;
    }

    /**
     * For reading rows as they are stored: points in time in UTC, text in its own character set. Of
     * the session's settings only those of its transaction and of its patience count.
     */
    static SettingsProfile pulling(SettingsProfile session) {
        var literals = new HashMap<String, String>();
        for (String name : KEPT_IN_PULLS) {
            session.literal(name).ifPresent(literal -> literals.put(name, literal));
        }
        if (session.dialect().utf8Text()) {
            for (String name : KEPT_IN_CONDITIONS) {
                session.literal(name).ifPresent(literal -> literals.put(name, literal));
            }
        }
        literals.put("time_zone", "'+00:00'");
        literals.put("character_set_results", "NULL");
        return SettingsProfile.of(literals);
    }

    /** For expressions of the client's on a shard, whose values are not converted. */
    static SettingsProfile grouping(SettingsProfile session) {
        return session.with(Map.of("character_set_results", Optional.of("NULL")));
    }

    /**
     * For the client's own statement, which is in no transaction.
     *
     * @param doubles whether semijoins could make its rows come twice; see {@link
     *     io.shardway.router.plan.AssembledText#mayDoubleRows}
     */
    static SettingsProfile finishing(SettingsProfile session, boolean doubles) {
        var literals = new HashMap<String, Optional<String>>();
        literals.put("autocommit", Optional.empty());
        literals.put("transaction_read_only", Optional.empty());
        if (doubles) {
            literals.put(
                    "optimizer_switch",
                    Optional.of(withoutSemijoins(session.literal("optimizer_switch"))));
        }
        return session.with(literals);
    }

    private static String withoutSemijoins(Optional<String> switches) {
        return switches.map(literal -> SEMIJOIN_ON.matcher(literal).replaceAll("$1semijoin=off"))
                .orElse("'semijoin=off'");
    }
}
