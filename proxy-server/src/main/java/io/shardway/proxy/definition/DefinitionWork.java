package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Cancellation;
import io.shardway.proxy.execution.Definitions.Outcome;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a recorded definition: spares its tables, runs it on each shard that has not got it
 * yet, and publishes it. Confined to one thread, which has the keyspace's lock; blocks.
 */
final class DefinitionWork {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionWork.class);

    private final DefinitionParts parts;
    private final Topology topology;
    private final Cancellation cancellation;
    private DefinitionEntry entry;
    private long affectedRows;
    private Diagnostics warnings = Diagnostics.NONE;

    /**
     * @param cancellation heeded until the first shard has the definition
     */
    DefinitionWork(
            DefinitionParts parts,
            Topology topology,
            DefinitionEntry entry,
            Cancellation cancellation) {
        this.parts = parts;
        this.topology = topology;
        this.entry = entry;
        this.cancellation = cancellation;
    }

    /**
     * Carries it to its end, or as far as it goes; what is left is noted.
     *
     * @param use what statements may do with the tables meanwhile; empty for everything
     */
    Outcome carryOut(Optional<OpenDefinition.Use> use) {
        try {
            use.ifPresent(each -> parts.publication().mark(keyspace(), entry.open(each)));
            parts.site().reached("marked");
            try (HeldCopies copies = parts.site().hold(topology, keyspace(), entry.change())) {
                runSteps();
                copies.makeEqual();
            }
            // Writers that wait for the copies keep the proxies from serving the new epoch.
            return publish();
        } catch (StepFailure failed) {
            return failed(failed.outcome(), failed.problem(), failed.changedNothing());
        } catch (ShardwayException failed) {
            boolean nothing = failed.code() != ErrorCode.DEFINITION_TAKEN_OVER;
            return failed(
                    new Outcome.Refused(failed.code(), failed.detail()),
                    failed.getMessage(),
                    nothing && entry.nothingBegun());
        }
    }

    private void runSteps() throws StepFailure {
        if (entry.nothingBegun()) {
            requireLockable();
        }
        for (DefinitionStep step : entry.steps()) {
            if (step.state() != DefinitionStep.State.DONE) {
                runStep(step);
            }
        }
        requireEqual();
        parts.site().reached("stepped");
    }

    /**
     * Waits for open transactions on the other shards before the first one is changed: what waits
     * too long there would leave the definition half done.
     */
    private void requireLockable() throws StepFailure {
        String nothing = Fingerprints.ofNothing(entry.change().tables());
        for (DefinitionStep step : entry.steps()) {
            if (!step.before().equals(nothing) && !step.shard().equals(topology.defaultShard())) {
                requireLockable(topology.shard(step.shard()).primary());
            }
        }
    }

    private void requireLockable(Node node) throws StepFailure {
        Deadline deadline = Deadline.after(parts.settings().takeoverTimeout());
        try (var connection =
                StepConnection.open(parts.site(), node, entry.statement(), deadline)) {
            connection.awaitUnused(keyspace(), entry.change().tables(), cancellation);
        } catch (SQLException refused) {
            Outcome outcome =
                    StepRun.isLost(refused)
                            ? new Outcome.Refused(
                                    ErrorCode.BACKEND_UNAVAILABLE,
                                    "node %s; nothing was changed".formatted(node.name()))
                            : StepRun.mySqlError(refused);
            throw new StepFailure(outcome, true);
        }
    }

    private void runStep(DefinitionStep step) throws StepFailure {
        Node node = topology.shard(step.shard()).primary();
        var run = new StepRun(parts, entry, step, node, cancellation);
        try {
            run.run();
        } finally {
            entry = run.entry();
        }
        cancellation.tooLate();
        if (step.shard().equals(topology.defaultShard())) {
            affectedRows = run.affectedRows();
            warnings = run.warnings().orElse(Diagnostics.NONE);
        }
    }

    /** A shard on which the same statement made something else must not be served. */
    private void requireEqual() throws StepFailure {
        List<String> fingerprints =
                entry.steps().stream().map(DefinitionStep::after).distinct().toList();
        if (fingerprints.size() > 1) {
            throw new StepFailure(
                    new Outcome.Refused(
                            ErrorCode.SHARDS_DIFFER,
                            "after the same statement: "
                                    + entry.steps().stream()
                                            .map(step -> step.shard() + " " + step.after())
                                            .toList()),
                    true);
        }
    }

    private Outcome publish() {
        // Before a change is served, so that nobody draws a smaller key afterwards: with the new
        // epoch proxies take new blocks. A new table is known only when it is served.
        boolean isNew = !entry.change().added().isEmpty();
        if (!isNew) {
            DefinitionKeys.begin(parts, entry);
        }
        Outcome outcome = new Outcome.Done(affectedRows, warnings);
        try {
            parts.publication().publish(keyspace(), entry.number(), entry.change());
        } catch (ShardwayException failed) {
            if (failed.code() != ErrorCode.NOT_ANNOUNCED) {
                throw failed;
            }
            outcome = new Outcome.Refused(failed.code(), failed.detail());
        }
        parts.site().reached("published");
        if (isNew) {
            DefinitionKeys.begin(parts, entry);
        }
        over(DefinitionProgress.State.DONE, "");
        return outcome;
    }

    /** It is as it is whether this is noted or not: the watch finds that out, too. */
    private void over(DefinitionProgress.State state, String problem) {
        try {
            entry =
                    parts.journal()
                            .note(
                                    entry.with(
                                            entry.progress()
                                                    .in(state, problem, parts.clock().instant())));
        } catch (ShardwayException away) {
            LOG.warn(
                    "event=definition-noted-later number={} state={} reason={}",
                    entry.number(),
                    state,
                    away.getMessage());
        }
    }

    /**
     * @param untouched the shard that failed is as it was before
     */
    private Outcome failed(Outcome outcome, String problem, boolean untouched) {
        boolean nothing = untouched && done().isEmpty() && !anyBegun();
        if (nothing) {
            return end(outcome, problem);
        }
        if (untouched && !anyBegun() && !entry.change().undo().isEmpty()) {
            var undo = new DefinitionUndo(parts, topology, entry);
            if (undo.takeBack()) {
                entry = undo.entry();
                return end(outcome, problem);
            }
            entry = undo.entry();
        }
        return halfDone(problem);
    }

    private Outcome end(Outcome outcome, String problem) {
        try {
            parts.publication().unmark(keyspace(), entry.number());
        } catch (ShardwayException away) {
            return halfDone(problem + "; " + away.getMessage());
        }
        over(DefinitionProgress.State.FAILED, problem);
        serveAgain();
        return outcome;
    }

    /** The session's next statement must find the table as it is, not as being changed. */
    private void serveAgain() {
        try {
            parts.site().refreshed();
        } catch (ShardwayException away) {
            LOG.info(
                    "event=definition-served-later number={} reason={}",
                    entry.number(),
                    away.getMessage());
        }
    }

    private Outcome halfDone(String problem) {
        over(DefinitionProgress.State.HALF_DONE, problem);
        try {
            parts.publication().markOnly(keyspace(), entry.open(OpenDefinition.Use.NOTHING));
        } catch (ShardwayException away) {
            LOG.warn(
                    "event=definition-marked-later number={} reason={}",
                    entry.number(),
                    away.getMessage());
        }
        LOG.warn(
                "event=definition-half-done number={} keyspace={} problem={}",
                entry.number(),
                keyspace(),
                problem);
        return new Outcome.Refused(
                ErrorCode.DEFINITION_HALF_DONE,
                "DDL %d: done on %s; %s".formatted(entry.number(), done(), problem));
    }

    private List<ShardId> done() {
        var shards = new ArrayList<ShardId>();
        for (DefinitionStep step : entry.steps()) {
            if (step.state() == DefinitionStep.State.DONE) {
                shards.add(step.shard());
            }
        }
        return shards;
    }

    private boolean anyBegun() {
        return entry.steps().stream().anyMatch(step -> step.state() == DefinitionStep.State.BEGUN);
    }

    private String keyspace() {
        return entry.statement().keyspace();
    }

    /** What tables are like on a shard before anything is done there. */
    static String look(
            DefinitionSite site,
            Topology topology,
            ShardId shard,
            String keyspace,
            List<String> tables) {
        Node node = topology.shard(shard).primary();
        try (Connection connection = site.ask(node)) {
            return Fingerprints.read(connection, keyspace, tables);
        } catch (SQLException away) {
            throw new ShardwayException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "node %s: %s; nothing was changed".formatted(node.name(), away.getMessage()),
                    away);
        }
    }
}
