package io.shardway.router.plan;

import io.shardway.router.ErrorCode;

/** Leaves the reading of a statement that could be assembled if it were written otherwise. */
final class ReadAgain extends PlanRejection {

    private final transient Unfolding unfolding;

    ReadAgain(String detail, Unfolding unfolding) {
        super(ErrorCode.CROSS_SHARD_READ, detail);
        this.unfolding = unfolding;
    }

    Unfolding unfolding() {
        return unfolding;
    }
}
