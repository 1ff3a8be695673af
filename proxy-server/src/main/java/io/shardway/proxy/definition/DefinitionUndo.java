package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Cancellation;
import io.shardway.router.Deadline;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Node;
import io.shardway.router.topology.Topology;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a definition back where it was done, as far as that goes: afterwards every shard must look
 * as before. Confined to one thread, which has the keyspace's lock; blocks.
 */
final class DefinitionUndo {

    private final DefinitionParts parts;
    private final Topology topology;
    private final List<String> problems = new ArrayList<>();
    private DefinitionEntry entry;

    DefinitionUndo(DefinitionParts parts, Topology topology, DefinitionEntry entry) {
        this.parts = parts;
        this.topology = topology;
        this.entry = entry;
    }

    /** The entry as it is stored now. */
    DefinitionEntry entry() {
        return entry;
    }

    /** Why some shards could not be brought back. */
    String problem() {
        return String.join("; ", problems);
    }

    /** Whether every shard is as it was before. */
    boolean takeBack() {
        for (DefinitionStep step : entry.steps().reversed()) {
            if (step.state() != DefinitionStep.State.PENDING) {
                takeBack(step);
            }
        }
        return problems.isEmpty();
    }

    private void takeBack(DefinitionStep step) {
        Node node = topology.shard(step.shard()).primary();
        Deadline deadline = Deadline.after(parts.settings().takeoverTimeout());
        try (var connection =
                StepConnection.open(parts.site(), node, entry.statement(), deadline)) {
            if (isAsBefore(connection, step) && !isInvisible(step)) {
                note(step);
                return;
            }
            if (entry.change().undo().isEmpty()) {
                problems.add("shard " + step.shard() + ": " + entry.change().noUndo());
                return;
            }
            for (String sql : entry.change().undo()) {
                connection.execute(sql, new Cancellation());
            }
            parts.site().reached(step.shard() + ":undone");
            if (isAsBefore(connection, step)) {
                note(step);
            } else {
                problems.add("shard " + step.shard() + " is not as it was before");
            }
        } catch (SQLException failed) {
            problems.add("shard " + step.shard() + ": " + failed.getMessage());
        }
    }

    /** Done, and nobody can see it: looking as before says nothing. */
    private boolean isInvisible(DefinitionStep step) {
        return !entry.change().visible() && step.state() != DefinitionStep.State.UNDONE;
    }

    private boolean isAsBefore(StepConnection connection, DefinitionStep step) throws SQLException {
        return connection
                .fingerprint(entry.statement().keyspace(), entry.change().tables())
                .equals(step.before());
    }

    private void note(DefinitionStep step) {
        entry =
                parts.journal()
                        .note(
                                entry.with(
                                        new DefinitionStep(
                                                step.shard(),
                                                step.sql(),
                                                DefinitionStep.State.UNDONE,
                                                step.before(),
                                                "")));
    }
}
