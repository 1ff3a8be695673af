package io.shardway.proxy.definition;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.Definition;
import io.shardway.router.topology.DefinitionStep;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the shards must have in common before a definition begins. Stateless. */
final class Preconditions {

    private Preconditions() {}

    /** Throws SHARDS_DIFFER, before anything is changed. */
    static void check(Definition definition, List<DefinitionStep> steps) {
        List<String> tables = definition.change().tables();
        Set<String> found = steps.stream().map(DefinitionStep::before).collect(Collectors.toSet());
        boolean fits =
                switch (definition.verb()) {
                    // Dropping is how a table is got rid of that is not the same everywhere.
                    case DROP_TABLE, DROP_VIEW -> true;
                    case CREATE_TABLE -> found.equals(Set.of(Fingerprints.ofNothing(tables)));
                    case CREATE_VIEW,
                            ALTER_TABLE,
                            RENAME_TABLE,
                            TRUNCATE_TABLE,
                            MAINTAIN_TABLE,
                            CHANGES_NOTHING ->
                            found.size() == 1;
                };
        if (!fits) {
            String nothing = Fingerprints.ofNothing(tables);
            throw new ShardwayException(
                    ErrorCode.SHARDS_DIFFER,
                    "%s: %s"
                            .formatted(
                                    String.join(", ", tables),
                                    steps.stream()
                                            .map(step ->
                                                    step.shard()
                                                            + (step.before().equals(nothing)
                                                                    ? " has none"
                                                                    : " has " + step.before()))
                                            .collect(Collectors.joining(", "))));
        }
    }
}
