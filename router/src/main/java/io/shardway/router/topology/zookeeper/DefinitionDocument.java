package io.shardway.router.topology.zookeeper;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.OpenDefinition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A node {@code /definitions/<number>}: one entry of the journal. Immutable.
 *
 * @param writeId drawn for this one write, so that a lost answer can be settled
 * @param use empty for everything
 */
record DefinitionDocument(
        String writeId,
        Statement statement,
        List<String> tables,
        String use,
        List<String> removed,
        List<KeyspaceDocument.Table> added,
        boolean visible,
        List<String> undo,
        String noUndo,
        long firstKey,
        List<Step> steps,
        Progress progress) {

    record Statement(
            String keyspace,
            String schema,
            String text,
            Map<String, String> settings,
            String account) {}

    record Step(String shard, String sql, String state, String before, String after) {

        static Step of(DefinitionStep step) {
            return new Step(
                    step.shard().name(),
                    step.sql(),
                    step.state().name(),
                    step.before(),
                    step.after());
        }

        DefinitionStep toStep() {
            return new DefinitionStep(
                    new ShardId(shard), sql, DefinitionStep.State.valueOf(state), before, after);
        }
    }

    record Progress(
            String state,
            String runner,
            String proxy,
            String problem,
            long begunMillis,
            long changedMillis) {

        static Progress of(DefinitionProgress progress) {
            return new Progress(
                    progress.state().name(),
                    progress.runner(),
                    progress.proxy(),
                    progress.problem(),
                    progress.begunAt().toEpochMilli(),
                    progress.changedAt().toEpochMilli());
        }

        DefinitionProgress toProgress() {
            return new DefinitionProgress(
                    DefinitionProgress.State.valueOf(state),
                    runner,
                    proxy,
                    problem,
                    Instant.ofEpochMilli(begunMillis),
                    Instant.ofEpochMilli(changedMillis));
        }
    }

    static DefinitionDocument of(DefinitionEntry entry, String writeId) {
        DefinitionStatement statement = entry.statement();
        DefinitionChange change = entry.change();
        return new DefinitionDocument(
                writeId,
                new Statement(
                        statement.keyspace(),
                        statement.schema(),
                        statement.text(),
                        new TreeMap<>(statement.settings()),
                        statement.account()),
                change.tables(),
                change.use().map(Enum::name).orElse(""),
                change.removed(),
                change.added().stream().map(KeyspaceDocument.Table::of).toList(),
                change.visible(),
                change.undo(),
                change.noUndo(),
                change.firstKey(),
                entry.steps().stream().map(Step::of).toList(),
                Progress.of(entry.progress()));
    }

    /** Throws {@link IllegalArgumentException} when it says something impossible. */
    DefinitionEntry toEntry(long number, int version) {
        return new DefinitionEntry(
                number,
                version,
                new DefinitionStatement(
                        statement.keyspace(),
                        statement.schema(),
                        statement.text(),
                        statement.settings(),
                        statement.account()),
                new DefinitionChange(
                        tables,
                        use.isEmpty()
                                ? Optional.empty()
                                : Optional.of(OpenDefinition.Use.valueOf(use)),
                        removed,
                        added.stream().map(KeyspaceDocument.Table::toEntry).toList(),
                        visible,
                        undo,
                        noUndo,
                        firstKey),
                steps.stream().map(Step::toStep).toList(),
                progress.toProgress());
    }
}
