package io.shardway.proxy.session;

import java.util.List;

/** The warnings and errors of a session's last statement, for SHOW WARNINGS. Immutable. */
public record Diagnostics(List<Condition> conditions) {

    public static final Diagnostics NONE = new Diagnostics(List.of());

    /**
     * One row of SHOW WARNINGS.
     *
     * @param level Note, Warning or Error
     */
    public record Condition(String level, int code, String message) {}

    public Diagnostics {
        conditions = List.copyOf(conditions);
    }

    public static Diagnostics ofError(int code, String message) {
        return new Diagnostics(List.of(new Condition("Error", code, message)));
    }

    public List<Condition> errors() {
        return conditions.stream().filter(each -> each.level().equals("Error")).toList();
    }
}
