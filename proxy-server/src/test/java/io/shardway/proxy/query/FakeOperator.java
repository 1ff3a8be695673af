package io.shardway.proxy.query;

import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.KeyspaceChange;
import io.shardway.router.topology.KeyspaceState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An operator that does nothing and says so. Thread-safe. */
public final class FakeOperator implements ProxyOperator {

    @Override
    public List<TableFacts> describeTables() {
        return List.of(
                new TableFacts(
                        "store",
                        "users",
                        List.of(
                                new TableFacts.UniqueKey("PRIMARY", List.of("USER_ID", "n")),
                                new TableFacts.UniqueKey("u", List.of("email"))),
                        List.of("countries")));
    }

    @Override
    public List<DefinitionEntry> definitions() {
        var step =
                new DefinitionStep(new ShardId("s1"), "sql", DefinitionStep.State.DONE, "a", "b");
        var next =
                new DefinitionStep(new ShardId("s2"), "sql", DefinitionStep.State.BEGUN, "a", "");
        return List.of(
                new DefinitionEntry(
                        3,
                        0,
                        new DefinitionStatement(
                                "store", "store", "DROP TABLE users", Map.of(), "app@h"),
                        new DefinitionChange(
                                List.of("users"),
                                Optional.empty(),
                                List.of("users"),
                                List.of(),
                                true,
                                List.of(),
                                "rows are gone"),
                        List.of(step, next),
                        new DefinitionProgress(
                                DefinitionProgress.State.HALF_DONE,
                                "run",
                                "p1",
                                "node away",
                                Instant.EPOCH,
                                Instant.EPOCH)));
    }

    @Override
    public List<UnfinishedKeyspace> unfinishedKeyspaces() {
        var change = new KeyspaceChange("DROP DATABASE `old`", "p2", Instant.EPOCH, "");
        var dropped = new Keyspace("old", Optional.empty(), 1, new SchemaEpoch(1), Map.of());
        return List.of(
                new UnfinishedKeyspace(
                        dropped.in(KeyspaceState.DROPPING).changing(Optional.of(change)), false));
    }

    @Override
    public String resume(long number) {
        return "resumed " + number;
    }

    @Override
    public String abandon(long number) {
        return "abandoned " + number;
    }

    @Override
    public KeyspaceAdmin keyspaces() {
        return new NotedKeyspaces();
    }

    @Override
    public ReferenceChecks references() {
        return new FakeChecks();
    }

    @Override
    public String forgetProxy(int number) {
        return "forgot " + number;
    }
}
