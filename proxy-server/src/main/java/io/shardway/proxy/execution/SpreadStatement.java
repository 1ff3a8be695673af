package io.shardway.proxy.execution;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.SpreadKind;
import io.shardway.router.plan.SpreadTarget;
import io.shardway.router.plan.Traits;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A write of rows of several keys with what each shard is sent. Immutable.
 *
 * @param rows how many it writes out; 0 for UPDATE and DELETE
 * @param draws whether MySQL draws ids for rows, which are then all on one shard
 * @param ids which the proxy drew for rows
 * @param parts in the order of the shards
 * @param settings makes those of the parts from the session's
 * @param release lets go of what the parts are sent; to be run once
 */
record SpreadStatement(
        SpreadKind kind,
        String why,
        Traits traits,
        int rows,
        boolean draws,
        Optional<DrawnIds> ids,
        List<SpreadPart> parts,
        UnaryOperator<SettingsProfile> settings,
        Runnable release) {

    SpreadStatement {
        parts = List.copyOf(parts);
    }

    static SpreadStatement of(Plan.SpreadWrite plan, List<SpreadPart> parts, Runnable release) {
        int rows = plan.target() instanceof SpreadTarget.Rows target ? target.rows().size() : 0;
        return new SpreadStatement(
                plan.kind(),
                plan.why(),
                plan.traits(),
                rows,
                false,
                Optional.empty(),
                parts,
                UnaryOperator.identity(),
                release);
    }

    SpreadStatement drawing(DrawnIds drawn) {
        return new SpreadStatement(
                kind,
                why,
                traits.keepingInsertId(),
                rows,
                draws,
                Optional.of(drawn),
                parts,
                settings,
                release);
    }

    /** The first part on each shard. */
    List<SpreadPart> firsts() {
        return parts.stream().filter(part -> !part.continues()).toList();
    }
}
