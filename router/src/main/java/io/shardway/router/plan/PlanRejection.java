package io.shardway.router.plan;

import io.shardway.router.ErrorCode;

/** Leaves the reading of a statement with a refusal. Never passes {@link StatementPlanner}. */
sealed class PlanRejection extends RuntimeException permits ReadAgain {

    private final ErrorCode code;
    private final String detail;

    PlanRejection(ErrorCode code, String detail) {
        super(detail, null, false, false);
        this.code = code;
        this.detail = detail;
    }

    static PlanRejection notUnderstood(String detail) {
        return new PlanRejection(ErrorCode.NOT_UNDERSTOOD, detail);
    }

    static PlanRejection notOffered(String detail) {
        return new PlanRejection(ErrorCode.NOT_OFFERED, detail);
    }

    Plan plan() {
        return new Plan.Rejected(code, detail);
    }
}
