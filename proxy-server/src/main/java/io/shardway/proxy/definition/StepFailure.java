package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Definitions.Outcome;

/** A step did not come to its end. Never leaves the package. */
final class StepFailure extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;
    private final boolean changedNothing;

    /**
     * @param outcome what the client is told
     * @param changedNothing the shard is certainly as it was before the step
     */
    StepFailure(Outcome outcome, boolean changedNothing) {
        super(outcome.toString(), null, false, false);
        this.outcome = outcome;
        this.changedNothing = changedNothing;
    }

    Outcome outcome() {
        return outcome;
    }

    boolean changedNothing() {
        return changedNothing;
    }

    /** In a few words, for the journal. */
    String problem() {
        return switch (outcome) {
            case Outcome.MySqlError(int code, String _, String message) ->
                    "MySQL error " + code + ": " + message;
            case Outcome.Refused(var code, var detail) -> code.message(detail);
            case Outcome.Done _, Outcome.Rows _ -> "";
        };
    }
}
