package io.shardway.router.topology;

import java.util.ArrayList;
import java.util.List;

/**
 * One definition in the journal: what was asked, what it changes, and how far it is. Immutable.
 *
 * @param number larger for later ones; 0 before it is recorded
 * @param version of what is stored, for compare-and-set
 */
public record DefinitionEntry(
        long number,
        int version,
        DefinitionStatement statement,
        DefinitionChange change,
        List<DefinitionStep> steps,
        DefinitionProgress progress) {

    public DefinitionEntry {
        steps = List.copyOf(steps);
    }

    public boolean isOpen() {
        return progress.state().isOpen();
    }

    public boolean nothingBegun() {
        return steps.stream().allMatch(step -> step.state() == DefinitionStep.State.PENDING);
    }

    public DefinitionEntry with(DefinitionProgress now) {
        return new DefinitionEntry(number, version, statement, change, steps, now);
    }

    /** With this step in place of the one of its shard. */
    public DefinitionEntry with(DefinitionStep now) {
        var changed = new ArrayList<>(steps);
        changed.replaceAll(step -> step.shard().equals(now.shard()) ? now : step);
        return new DefinitionEntry(number, version, statement, change, changed, progress);
    }

    public DefinitionEntry stored(long storedNumber, int storedVersion) {
        return new DefinitionEntry(storedNumber, storedVersion, statement, change, steps, progress);
    }

    /** What the topology tells the planners of it. */
    public OpenDefinition open(OpenDefinition.Use use) {
        return new OpenDefinition(number, java.util.Set.copyOf(change.tables()), use);
    }
}
