package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Cancellation;
import io.shardway.proxy.execution.Definitions.Outcome;
import io.shardway.proxy.query.DefinitionControl;
import io.shardway.proxy.query.UnfinishedKeyspace;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.Topology;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What operators do with definitions that were left half done. Thread-safe; blocks. */
public final class DefinitionOperation implements DefinitionControl {

    private final DefinitionParts parts;

    DefinitionOperation(DefinitionParts parts) {
        this.parts = parts;
    }

    @Override
    public List<DefinitionEntry> definitions() {
        return parts.journal().entries();
    }

    @Override
    public List<UnfinishedKeyspace> unfinishedKeyspaces() {
        return parts.publication().keyspaces().stream()
                .flatMap(keyspace ->
                        keyspace.change().map(change -> unfinished(keyspace, change)).stream())
                .sorted(Comparator.comparing(unfinished -> unfinished.keyspace().name()))
                .toList();
    }

    private UnfinishedKeyspace unfinished(Keyspace keyspace, KeyspaceChange change) {
        Optional<String> holder = parts.journal().lockedBy(keyspace.name());
        boolean running =
                holder.filter(each -> each.endsWith(": " + change.statement())).isPresent();
        return new UnfinishedKeyspace(keyspace, running);
    }

    @Override
    public String resume(long number) {
        try (var _ = lock(number, "RESUME")) {
            DefinitionEntry entry = takeOver(number);
            Topology topology = parts.site().refreshed().topology();
            Outcome outcome =
                    new DefinitionWork(parts, topology, entry, new Cancellation())
                            .carryOut(Optional.of(OpenDefinition.Use.NOTHING));
            return switch (outcome) {
                case Outcome.Done _ -> "DDL " + number + " is done";
                case Outcome.Rows _ -> "DDL " + number + " is done";
                case Outcome.Refused(var code, var detail) ->
                        throw new ShardwayException(code, detail);
                case Outcome.MySqlError(int code, String _, String message) ->
                        throw new ShardwayException(
                                ErrorCode.DEFINITION_HALF_DONE,
                                "DDL %d changed nothing and is over: MySQL error %d: %s"
                                        .formatted(number, code, message));
            };
        }
    }

    @Override
    public String abandon(long number) {
        try (var _ = lock(number, "ABANDON")) {
            requireUnpublished(open(number));
            DefinitionEntry entry = takeOver(number);
            String keyspace = entry.statement().keyspace();
            parts.publication().mark(keyspace, entry.open(OpenDefinition.Use.NOTHING));
            var undo = new DefinitionUndo(parts, parts.site().refreshed().topology(), entry);
            boolean asBefore = undo.takeBack();
            if (asBefore) {
                parts.publication().unmark(keyspace, number);
            }
            note(
                    undo.entry(),
                    asBefore
                            ? DefinitionProgress.State.ABANDONED
                            : DefinitionProgress.State.HALF_DONE,
                    undo.problem());
            if (!asBefore) {
                throw new ShardwayException(
                        ErrorCode.DEFINITION_NOT_UNDONE,
                        "DDL %d: %s".formatted(number, undo.problem()));
            }
            return "DDL " + number + " was taken back";
        }
    }

    /** What the topology has is not taken away behind its back. */
    private void requireUnpublished(DefinitionEntry entry) {
        if (parts.publication().isPublished(entry.statement().keyspace(), entry.number())) {
            throw new ShardwayException(
                    ErrorCode.DEFINITION_NOT_OPEN,
                    "DDL %d is done; that is noted in a moment".formatted(entry.number()));
        }
    }

    private DefinitionJournal.Lock lock(long number, String doing) {
        DefinitionEntry entry = open(number);
        return parts.journal()
                .lock(
                        entry.statement().keyspace(),
                        "proxy %s: %s DDL %d".formatted(parts.site().proxyName(), doing, number),
                        Deadline.after(parts.settings().lockTimeout()));
    }

    private DefinitionEntry open(long number) {
        return parts.journal()
                .find(number)
                .filter(DefinitionEntry::isOpen)
                .orElseThrow(() ->
                        new ShardwayException(ErrorCode.DEFINITION_NOT_OPEN, "number " + number));
    }

    /** From now on whoever ran it before can note nothing any more. */
    private DefinitionEntry takeOver(long number) {
        DefinitionEntry entry = open(number);
        return parts.journal()
                .note(
                        entry.with(
                                entry.progress()
                                        .takenOver(
                                                UUID.randomUUID().toString(),
                                                parts.site().proxyName(),
                                                parts.clock().instant())));
    }

    private void note(DefinitionEntry entry, DefinitionProgress.State state, String problem) {
        parts.journal()
                .note(entry.with(entry.progress().in(state, problem, parts.clock().instant())));
    }
}
