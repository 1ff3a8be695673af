package io.shardway.proxy.session;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which changes of its session a client wants to hear of (MySQL manual, "Server Tracking of Client
 * Session State"). Immutable.
 *
 * @param schema session_track_schema
 * @param variables of session_track_system_variables, in lower case; {@code *} stands for all
 */
public record TrackedState(boolean schema, Set<String> variables) {

    /** Unless a client asks for something else. */
    public static final TrackedState DEFAULT =
            of(
                    true,
                    "time_zone,autocommit,character_set_client,character_set_results,"
                            + "character_set_connection");

    public TrackedState {
        variables = Set.copyOf(variables);
    }

    /**
     * @param list names with commas between them
     */
    public static TrackedState of(boolean schema, String list) {
        return new TrackedState(
                schema,
                Arrays.stream(list.split(",", -1))
                        .map(name -> name.strip().toLowerCase(Locale.ROOT))
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    public boolean tracks(String variable) {
        return variables.contains(variable) || variables.contains("*");
    }
}
