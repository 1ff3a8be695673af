package io.shardway.proxy;

import io.shardway.proxy.execution.Definitions;
import io.shardway.proxy.execution.Serving;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Plan;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.ProxyState;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes table definitions in the topology. Thread-safe. */
final class TopologyDefinitions implements Definitions {

    private static final Logger LOG = LoggerFactory.getLogger(TopologyDefinitions.class);

    private final TopologyStore store;
    private final ProxyRegistry registry;
    private final Duration announceTimeout;

    TopologyDefinitions(TopologyStore store, ProxyRegistry registry, Duration announceTimeout) {
        this.store = store;
        this.registry = registry;
        this.announceTimeout = announceTimeout;
    }

    @Override
    public Optional<ShardwayException> obstacle() {
        return store.health().connected()
                ? Optional.empty()
                : Optional.of(
                        new ShardwayException(
                                ErrorCode.TOPOLOGY_UNAVAILABLE,
                                "tables cannot be defined meanwhile"));
    }

    @Override
    public List<ShardId> shardsOf(Plan.Definition definition, Serving serving) {
        Topology topology = serving.topology();
        boolean single =
                switch (definition) {
                    case Plan.Definition.Create create -> create.kind() == TableKind.SINGLE;
                    case Plan.Definition.Drop drop -> dropsOnlySingle(topology, drop);
                };
        if (single) {
            return List.of(topology.defaultShard());
        }
        var shards = new ArrayList<ShardId>();
        shards.add(topology.defaultShard());
        topology.shards().keySet().stream()
                .filter(shard -> !shard.equals(topology.defaultShard()))
                .sorted()
                .forEach(shards::add);
        return shards;
    }

    /**
     * MySQL drops all tables of a statement or none; on a shard that has not all of them it would
     * drop none, when others already have.
     */
    private static boolean dropsOnlySingle(Topology topology, Plan.Definition.Drop drop) {
        Map<String, TableEntry> known =
                topology.keyspace(drop.keyspace()).map(Keyspace::tables).orElse(Map.of());
        Set<Boolean> single =
                drop.tables().stream()
                        .filter(known::containsKey)
                        .map(table -> known.get(table).kind() == TableKind.SINGLE)
                        .collect(Collectors.toSet());
        if (single.size() > 1 && !drop.ifExists()) {
            throw new ShardwayException(
                    ErrorCode.NOT_OFFERED,
                    "DROP TABLE of single tables together with others: drop them one by one");
        }
        return !single.contains(false);
    }

    @Override
    public void publish(
            Plan.Definition definition, Consumer<Optional<ShardwayException>> receiver) {
        Thread.ofVirtual().name("definition").start(() -> receiver.accept(publish(definition)));
    }

    private Optional<ShardwayException> publish(Plan.Definition definition) {
        try {
            Topology stored = store.update(topology -> apply(definition, topology));
            List<ProxyState> late =
                    registry
                            .awaitAnnounced(stored.epoch(), Deadline.after(announceTimeout))
                            .stream()
                            .filter(ProxyState::alive)
                            .toList();
            if (late.isEmpty()) {
                return Optional.empty();
            }
            List<String> names = late.stream().map(proxy -> proxy.info().name()).toList();
            return Optional.of(
                    new ShardwayException(ErrorCode.NOT_ANNOUNCED, String.join(", ", names)));
        } catch (ShardwayException failed) {
            return Optional.of(failed);
        } catch (RuntimeException bug) {
            LOG.error("event=bug code={} definition={}", ErrorCode.BUG.id(), definition, bug);
            return Optional.of(new ShardwayException(ErrorCode.BUG, "publishing a definition"));
        }
    }

    private static Topology apply(Plan.Definition definition, Topology topology) {
        Keyspace keyspace =
                topology.keyspace(definition.keyspace())
                        .orElseThrow(() ->
                                new ShardwayException(
                                        ErrorCode.UNKNOWN_KEYSPACE, definition.keyspace()));
        Map<String, TableEntry> tables = new HashMap<>(keyspace.tables());
        switch (definition) {
            case Plan.Definition.Create(_, var table, var kind, var shardKey, var ifNotExists) -> {
                if (!ifNotExists || !tables.containsKey(table)) {
                    tables.put(table, new TableEntry(table, kind, shardKey));
                }
            }
            case Plan.Definition.Drop drop -> drop.tables().forEach(tables::remove);
        }
        var keyspaces = new HashMap<>(topology.keyspaces());
        keyspaces.put(
                keyspace.name(),
                new Keyspace(
                        keyspace.name(),
                        keyspace.shardKey(),
                        keyspace.idStride(),
                        keyspace.schemaEpoch(),
                        tables));
        return new Topology(
                topology.epoch(),
                topology.shards(),
                topology.defaultShard(),
                topology.bucketMap(),
                keyspaces);
    }
}
