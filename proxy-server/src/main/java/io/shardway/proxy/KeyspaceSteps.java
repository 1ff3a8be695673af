package io.shardway.proxy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps of a change of a keyspace, in order. Each may be carried out again after it was, so
 * that a change that stopped half-way goes on when it is begun again. One thread.
 */
final class KeyspaceSteps {

    private final List<Step> steps = new ArrayList<>();

    /** What a step does. */
    interface Action {
        void run() throws SQLException;
    }

    /** One step, with words for the operator. */
    private record Step(String what, Action action) {}

    /** MySQL refused a step: nothing of that step was done. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String step;
        private final transient SQLException reason;

        private Refused(String step, SQLException reason) {
            super(reason);
            this.step = step;
            this.reason = reason;
        }

        SQLException reason() {
            return reason;
        }

        ShardwayException halfDone() {
            return new ShardwayException(
                    ErrorCode.KEYSPACE_HALF_DONE, step + ": " + reason.getMessage(), reason);
        }
    }

    KeyspaceSteps then(String what, Action action) {
        steps.add(new Step(what, action));
        return this;
    }

    /**
     * Carries out all steps.
     *
     * @throws Refused with the first step that failed on a node
     * @throws ShardwayException what the topology said
     */
    void run() {
        for (Step step : steps) {
            try {
                step.action().run();
            } catch (SQLException failed) {
                throw new Refused(step.what(), failed);
            }
        }
    }
}
