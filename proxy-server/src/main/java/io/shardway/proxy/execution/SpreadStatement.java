package io.shardway.proxy.execution;

import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SpreadTarget;
import java.util.List;

/**
 * A write of rows of several keys with what each shard is sent. Immutable.
 *
 * @param parts in the order of the shards
 * @param release lets go of what the parts are sent; to be run once
 */
record SpreadStatement(Plan.SpreadWrite plan, List<SpreadPart> parts, Runnable release) {

    SpreadStatement {
        parts = List.copyOf(parts);
    }

    /** How many rows it writes out; 0 for UPDATE and DELETE. */
    int rows() {
        return plan.target() instanceof SpreadTarget.Rows rows ? rows.rows().size() : 0;
    }
}
