package io.shardway.proxy.definition;

import io.shardway.proxy.execution.Definitions;
import io.shardway.proxy.execution.Plans;
import io.shardway.proxy.execution.Serving;
import io.shardway.proxy.settings.DefinitionSettings;
import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Definition;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.sql.Lexer;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.ProxyRegistry;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.TopologyStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes definitions from sessions and carries them out, each on a virtual thread: one at a time in
 * a keyspace, over all proxies. Thread-safe.
 */
public final class DefinitionService implements Definitions {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionService.class);

    private final DefinitionParts parts;
    private final Plans plans;
    private final DefinitionOperation operation;
    private final DefinitionWatch watch;
    private final Maintenance maintenance;

    public DefinitionService(
            DefinitionSite site,
            DefinitionJournal journal,
            TopologyStore store,
            ProxyRegistry registry,
            Options options) {
        this.parts =
                new DefinitionParts(
                        site,
                        journal,
                        new Publication(store, registry, options.announceTimeout()),
                        options.settings(),
                        options.clock());
        this.plans = options.plans();
        this.operation = new DefinitionOperation(parts);
        this.watch = new DefinitionWatch(parts);
        this.maintenance = new Maintenance(site);
    }

    /**
     * What else a service needs. Immutable.
     *
     * @param announceTimeout how long the other proxies have to serve a change
     */
    public record Options(
            DefinitionSettings settings, Duration announceTimeout, Plans plans, Clock clock) {}

    /** What operators may do with definitions. */
    public DefinitionOperation operation() {
        return operation;
    }

    /** Looks for definitions whose proxy went away; call it now and then, on a virtual thread. */
    public void watch() {
        watch.look();
    }

    @Override
    public void carryOut(Request request, Consumer<Outcome> receiver) {
        Thread.ofVirtual().name("definition").start(() -> receiver.accept(carryOut(request)));
    }

    private Outcome carryOut(Request request) {
        try {
            if (!parts.publication().isReachable()) {
                throw new ShardwayException(
                        ErrorCode.TOPOLOGY_UNAVAILABLE, "tables cannot be defined meanwhile");
            }
            Definition planned = plan(request, parts.site().refreshed());
            if (planned.verb() == Definition.Verb.MAINTAIN_TABLE) {
                return maintenance.run(planned, request);
            }
            String holder =
                    "proxy %s for %s: %s"
                            .formatted(
                                    parts.site().proxyName(),
                                    request.author().userAtHost(),
                                    begin(request.text()));
            try (var _ =
                    parts.journal()
                            .lock(
                                    planned.keyspace(),
                                    holder,
                                    Deadline.after(parts.settings().lockTimeout()))) {
                parts.site().reached("locked");
                return locked(request);
            }
        } catch (ShardwayException refused) {
            return new Outcome.Refused(refused.code(), refused.detail());
        } catch (RuntimeException bug) {
            LOG.error("event=bug code={} statement={}", ErrorCode.BUG.id(), request.text(), bug);
            return new Outcome.Refused(ErrorCode.BUG, "carrying out a definition");
        }
    }

    private static String begin(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    /** Planned anew: what the tables were like may have changed while the lock was waited for. */
    private Outcome locked(Request request) {
        Serving serving = parts.site().refreshed();
        Definition definition = plan(request, serving);
        watch.finish(definition.keyspace());
        Topology topology = serving.topology();
        requireSettled(topology, definition.keyspace());
        if (!definition.verb().isJournaled()) {
            return maintenance.runOnDefaultShard(definition, request, topology);
        }
        DefinitionEntry draft = draft(request, definition, topology);
        DefinitionEntry entry = parts.journal().record(draft, parts.settings().journalEntriesMax());
        parts.site().reached("recorded");
        return new DefinitionWork(parts, topology, entry, request.cancellation())
                .carryOut(entry.change().use());
    }

    /** Shards with different defaults would make different tables. */
    private static void requireSettled(Topology topology, String keyspace) {
        topology.keyspace(keyspace)
                .flatMap(Keyspace::change)
                .ifPresent(change -> {
                    throw new ShardwayException(
                            ErrorCode.KEYSPACE_HALF_DONE, "send first: " + change.statement());
                });
    }

    /** What a plan needs may be more than the one needed that the session made. */
    private Definition plan(Request request, Serving serving) {
        byte[] text = request.text().getBytes(StandardCharsets.UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, request.dialect());
        Planned planned =
                plans.planOf(lexer, 0, request.dialect(), request.schema(), serving.catalog());
        request.author().require(planned.needs());
        return switch (planned.plan()) {
            case Plan.DefineTable(var definition, var select) when select.isEmpty() -> definition;
            case Plan.Rejected(var code, var detail) -> throw new ShardwayException(code, detail);
            case Plan.DefineTable _,
                    Plan.Keyed _,
                    Plan.KeyedInsert _,
                    Plan.AnyShard _,
                    Plan.Assemble _,
                    Plan.OnDefaultShard _,
                    Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _,
                    Plan.Described _,
                    Plan.Plain _,
                    Plan.Stored _,
                    Plan.DefineKeyspace _,
                    Plan.Control _,
                    Plan.Admin _ ->
                    throw new ShardwayException(
                            ErrorCode.TOPOLOGY_CONFLICT, "the keyspace is another one now");
        };
    }

    private DefinitionEntry draft(Request request, Definition definition, Topology topology) {
        List<ShardId> shards =
                switch (definition.place()) {
                    case DEFAULT_SHARD -> List.of(topology.defaultShard());
                    case EVERY_SHARD -> topology.shardsInOrder();
                };
        var steps = new ArrayList<DefinitionStep>();
        for (ShardId shard : shards) {
            boolean asWritten =
                    definition.elsewhere().isEmpty() || shard.equals(topology.defaultShard());
            steps.add(
                    new DefinitionStep(
                            shard,
                            asWritten ? request.text() : definition.elsewhere(),
                            DefinitionStep.State.PENDING,
                            DefinitionWork.look(
                                    parts.site(),
                                    topology,
                                    shard,
                                    definition.keyspace(),
                                    definition.change().tables()),
                            ""));
        }
        Preconditions.check(definition, steps);
        Instant now = parts.clock().instant();
        return new DefinitionEntry(
                0,
                0,
                new DefinitionStatement(
                        definition.keyspace(),
                        request.schema(),
                        request.text(),
                        request.settings(),
                        request.author().userAtHost()),
                definition.change(),
                steps,
                new DefinitionProgress(
                        DefinitionProgress.State.RUNNING,
                        UUID.randomUUID().toString(),
                        parts.site().proxyName(),
                        "",
                        now,
                        now));
    }
}
