package io.shardway.proxy.session;

import java.util.List;
import java.util.Optional;

/**
 * The warnings and errors of a session's last statement, for SHOW WARNINGS and GET DIAGNOSTICS.
 * Immutable.
 *
 * @param conditions those that are kept
 * @param count how many MySQL kept; more than there are here if they were too large
 */
public record Diagnostics(List<Condition> conditions, int count) {

    public static final Diagnostics NONE = new Diagnostics(List.of());

    /**
     * One row of SHOW WARNINGS.
     *
     * @param level Note, Warning or Error
     * @param sqlState where it is known: SHOW WARNINGS does not tell
     */
    public record Condition(String level, int code, String message, Optional<String> sqlState) {

        public Condition(String level, int code, String message) {
            this(level, code, message, Optional.empty());
        }

        public boolean isError() {
            return level.equals("Error");
        }
    }

    public Diagnostics {
        conditions = List.copyOf(conditions);
    }

    public Diagnostics(List<Condition> conditions) {
        this(conditions, conditions.size());
    }

    public static Diagnostics ofError(int code, String sqlState, String message) {
        return new Diagnostics(
                List.of(
                        new Condition(
                                "Error",
                                code,
                                message,
                                Optional.of(sqlState).filter(state -> !state.isEmpty()))));
    }

    public List<Condition> errors() {
        return conditions.stream().filter(Condition::isError).toList();
    }

    /**
     * The same with the SQL state of the error that ended the statement; without, where several
     * could be that error.
     */
    public Diagnostics endedBy(int code, String sqlState) {
        long candidates =
                conditions.stream().filter(each -> each.isError() && each.code() == code).count();
        if (candidates != 1 || count != conditions.size()) {
            return this;
        }
        List<Condition> known =
                conditions.stream()
                        .map(each ->
                                each.isError() && each.code() == code
                                        ? new Condition(
                                                each.level(),
                                                code,
                                                each.message(),
                                                Optional.of(sqlState))
                                        : each)
                        .toList();
        return new Diagnostics(known, count);
    }
}
