package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.SessionChange;
import io.shardway.proxy.session.Session;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.Charsets;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes over what a node's session tracking tells (MySQL manual, "Server Tracking of Client Session
 * State").
 */
final class VariableChanges {

    /** Means the same in every sql_mode and character set; the rest is written in hexadecimal. */
    private static final Pattern PLAIN = Pattern.compile("[ -~&&[^\\\\]]*");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");

    /**
     * Variables that are the proxy's business, never applied to backends: timeouts of the client's
     * connection, what is tracked, and those that another variable implies.
     */
    private static final Set<String> KEPT_AWAY =
            Set.of(
                    "wait_timeout",
                    "interactive_timeout",
                    "session_track_system_variables",
                    "session_track_schema",
                    "session_track_state_change",
                    "session_track_gtids",
                    "session_track_transaction_info",
                    "character_set_connection",
                    "last_insert_id",
                    "identity");

    private VariableChanges() {}

    /** A character set in which the proxy could not read statements. */
    static Optional<String> unreadableCharset(List<SessionChange> changes) {
        for (SessionChange change : changes) {
            if (change instanceof SessionChange.SystemVariable variable
                    && (variable.name().equals("character_set_client")
                            || variable.name().equals("character_set_connection"))) {
                String name = new String(variable.value(), StandardCharsets.US_ASCII);
                if (Charsets.isUnreadable(name)) {
                    return Optional.of(name);
                }
            }
        }
        return Optional.empty();
    }

    /** A statement other than SET changed something: a procedure, or something nobody tells us. */
    static void apply(
            Session session,
            BackendConnection connection,
            List<SessionChange> changes,
            Traits traits) {
        Map<String, Optional<String>> variables = literals(changes);
        boolean explained = !variables.isEmpty() || !traits.assignedVariables().isEmpty();
        for (SessionChange change : changes) {
            if (change instanceof SessionChange.Schema(String name)) {
                explained = true;
                session.schemaIs(name);
                connection.schemaIs(name);
            }
        }
        if (!explained && changes.contains(new SessionChange.StateChanged(true))) {
            session.transaction().pin();
        }
        set(session, connection, variables);
    }

    static void set(
            Session session,
            BackendConnection connection,
            Map<String, Optional<String>> variables) {
        if (variables.isEmpty()) {
            return;
        }
        SettingsProfile now = session.profile().with(variables);
        session.profileIs(now);
        connection.profileIs(now);
    }

    /** Variables the node reports, as literals. */
    static Map<String, Optional<String>> literals(List<SessionChange> changes) {
        var variables = new HashMap<String, Optional<String>>();
        for (SessionChange change : changes) {
            if (change instanceof SessionChange.SystemVariable variable
                    && !KEPT_AWAY.contains(variable.name())) {
                variables.put(variable.name(), Optional.of(literal(variable)));
            }
        }
        return variables;
    }

    private static String literal(SessionChange.SystemVariable variable) {
        String text = new String(variable.value(), StandardCharsets.UTF_8);
        if (variable.name().equals("character_set_results") && text.isEmpty()) {
            return "NULL";
        }
        if (NUMBER.matcher(text).matches()) {
            return text;
        }
        if (PLAIN.matcher(text).matches()) {
            return "'" + text.replace("'", "''") + "'";
        }
        return "CONVERT(X'"
                + HexFormat.of().withUpperCase().formatHex(variable.value())
                + "' USING utf8mb4)";
    }

    /** Client timeouts a SET changed, in seconds, by variable name. */
    static Map<String, Long> timeouts(List<SessionChange> changes) {
        var found = new HashMap<String, Long>();
        for (SessionChange change : changes) {
            if (change instanceof SessionChange.SystemVariable variable
                    && variable.name().endsWith("_timeout")) {
                String text = new String(variable.value(), StandardCharsets.UTF_8);
                if (NUMBER.matcher(text).matches()) {
                    found.put(variable.name(), Long.parseLong(text));
                }
            }
        }
        return found;
    }

    /** Whether the client's own timeouts changed, which must not cut the node's connection. */
    static boolean touchClientTimeouts(List<SessionChange> changes) {
        return changes.stream()
                .anyMatch(change ->
                        change instanceof SessionChange.SystemVariable variable
                                && (variable.name().equals("wait_timeout")
                                        || variable.name().equals("interactive_timeout")));
    }

    /**
     * Whether the character set of the connection changed, so that its collation must be asked for.
     */
    static boolean touchCollation(List<SessionChange> changes) {
        return changes.stream()
                .anyMatch(change ->
                        change instanceof SessionChange.SystemVariable variable
                                && (variable.name().startsWith("character_set_")
                                        || variable.name().startsWith("collation_")));
    }
}
