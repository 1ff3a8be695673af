package io.shardway.proxy.execution;

import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.AssembledTable;
import io.shardway.router.plan.AssembledText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What an assembled statement asks of which shards. Immutable. */
record PullSources(
        StatementRunner runner, AssembledStatement statement, Optional<AssemblyUse> use) {

    /** What shards put together themselves. */
    List<ScratchLoader.Source> partials(PartialTable partial) {
        return List.of(
                new ScratchLoader.Source(
                        partial, AssembledText.Asked.ALL, false, Optional.empty()));
    }

    /** All that have rows have parts of it. */
    Map<ShardId, List<Integer>> ofPartials() {
        var tables = new TreeMap<ShardId, List<Integer>>();
        statement
                .shards()
                .forEach(shards -> shards.forEach(shard -> tables.put(shard, List.of(0))));
        return tables;
    }

    /**
     * The rows of the statement's tables.
     *
     * @param definitions in the order of these
     */
    List<ScratchLoader.Source> rows(List<ScratchDefinition> definitions) {
        var sources = new ArrayList<ScratchLoader.Source>();
        for (int table = 0; table < definitions.size(); table++) {
            ScratchDefinition definition = definitions.get(table);
            AssembledText.Asked asked =
                    use.filter(user -> user.needsAll(definition.table())).isPresent()
                            ? AssembledText.Asked.ALL
                            : statement.asked().get(table);
            // What a generated column is may hang on settings that the session has and a pull not.
            boolean first = definition.stores(asked.orderedColumns());
            boolean locked = use.map(AssemblyUse::locks).orElse(false);
            sources.add(
                    new ScratchLoader.Source(
                            definition,
                            first ? asked : asked.unordered(),
                            locked,
                            statement.sparing().reading()));
        }
        return sources;
    }

    /** Which tables have rows on a shard, by their places. */
    Map<ShardId, List<Integer>> tablesByShard() {
        Serving serving = runner.loop().serving();
        List<AssembledTable> pulled = statement.pulled();
        var tables = new TreeMap<ShardId, List<Integer>>();
        for (int index = 0; index < pulled.size(); index++) {
            List<ShardId> shards =
                    switch (pulled.get(index).schema().kind()) {
                        case SHARDED -> statement.shards().get(index);
                        case REFERENCE -> List.of(runner.anyShard(serving, statement.traits()));
                        case SINGLE -> List.of(serving.topology().defaultShard());
                    };
            for (ShardId shard : shards) {
                tables.computeIfAbsent(shard, _ -> new ArrayList<>()).add(index);
            }
        }
        return tables;
    }
}
