package io.shardway.proxy.reference;

import io.shardway.proxy.definition.HeldCopies;
import io.shardway.proxy.execution.ReferenceCopies;
import io.shardway.proxy.execution.ReferenceQueue;
import io.shardway.proxy.query.ReferenceChecks;
import io.shardway.proxy.settings.ReferenceSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.ReferenceTable;
import io.shardway.router.schema.ConnectionSource;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.Keyspace;
import io.shardway.router.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Compares the numbers of all copies again and again, and has those fenced and settled that lack a
 * write or cannot be asked. Thread-safe.
 *
 * <p>Each shard is looked at by a task of its own, so that one that hangs does not keep the others
 * back; what is not told in time is not known, so it is fenced.
 */
public final class ReferenceWatch implements ReferenceCopies, AutoCloseable {

    private final ConnectionSource source;
    private final Supplier<Topology> topology;
    private final ReferenceSettings settings;
    private final ReferenceQueue queue;
    private final CopyJobs jobs;
    private final CopySettler settler;
    private final CopyFences fences = new CopyFences();
    private final CopyTroubles troubles = new CopyTroubles();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("reference-watch").factory());
    private final Map<ShardId, Look> looks = new ConcurrentHashMap<>();
    private final Map<ShardId, Map<ReferenceTable, String>> obstacles = new ConcurrentHashMap<>();

    private record Look(CompletableFuture<Void> task, long begunNanos) {}

    /**
     * @param source with a connection more to each node than {@code jobsMax}
     * @param jobsMax how many copies may be compared or repaired at a time
     */
    public ReferenceWatch(
            ConnectionSource source,
            Supplier<Topology> topology,
            ReferenceSettings settings,
            int jobsMax) {
        this.source = source;
        this.topology = topology;
        this.settings = settings;
        this.queue = new ReferenceQueue(settings.waitersMax(), settings.writeTimeout());
        this.jobs = new CopyJobs(source, jobsMax, settings.writeTimeout());
        this.settler = new CopySettler(jobs, topology, fences, troubles);
    }

    /** Looks at all shards, and goes on doing so; those that do not answer stay fenced. */
    public void start() {
        List<CompletableFuture<Void>> first = look();
        try {
            CompletableFuture.allOf(first.toArray(CompletableFuture[]::new))
                    .get(settings.writeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException away) {
            CopyRepair.LOG.debug("event=reference-look-late reason={}", away.toString());
        }
        long millis = settings.checkInterval().toMillis();
        timer.scheduleWithFixedDelay(this::lookAgain, millis, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * Keeps writers from the reference tables of a definition, and refuses it if their copies are
     * not equal; blocks.
     *
     * @param alone gives a connection that may be kept for long
     */
    public HeldCopies hold(
            ConnectionSource alone, Topology now, String keyspace, DefinitionChange change) {
        return CopyHold.of(alone, source, now, keyspace, change);
    }

    /** Comparison and repair on demand. */
    public ReferenceChecks checks() {
        return new CopyCheck(jobs, topology);
    }

    @Override
    public boolean isFenced(ShardId shard, Set<ReferenceTable> tables) {
        return fences.isFenced(shard, tables) && !shard.equals(topology.get().defaultShard());
    }

    @Override
    public Optional<String> obstacle(ReferenceTable table) {
        return obstacles.values().stream()
                .flatMap(found -> Optional.ofNullable(found.get(table)).stream())
                .findFirst();
    }

    @Override
    public ReferenceQueue queue() {
        return queue;
    }

    /** How many shards have a copy that is not read. */
    public long fenced() {
        Topology now = topology.get();
        return now.shards().keySet().stream().filter(shard -> isFenced(shard, tables(now))).count();
    }

    @Override
    public void lacking(
            ReferenceTable table, Set<ShardId> shards, Consumer<Set<ShardId>> receiver) {
        shards.forEach(shard -> fences.fence(shard, table));
        Thread.ofVirtual()
                .name("reference-repair")
                .start(() -> {
                    Set<ShardId> left = new HashSet<>(shards);
                    try {
                        settle(table, left);
                    } finally {
                        receiver.accept(Set.copyOf(left));
                    }
                });
    }

    /** Who hears of shards that are left may rely on it that other proxies have looked, too. */
    private void settle(ReferenceTable table, Set<ShardId> left) {
        long nanos =
                Math.max(settings.writeTimeout().toNanos(), settings.checkInterval().toNanos());
        long end = System.nanoTime() + nanos;
        while (!left.isEmpty() && System.nanoTime() < end) {
            left.removeIf(shard -> !fences.isFenced(shard, table) || settler.settle(shard, table));
            if (!left.isEmpty()) {
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(Math.min(200, settings.checkInterval().toMillis()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A task that throws is not run again. */
    private void lookAgain() {
        try {
            look();
        } catch (RuntimeException bug) {
            CopyRepair.LOG.error("event=bug code={}", ErrorCode.BUG.id(), bug);
        }
    }

    private List<CompletableFuture<Void>> look() {
        Topology now = topology.get();
        Set<ReferenceTable> tables = tables(now);
        var tasks = new ArrayList<CompletableFuture<Void>>();
        fences.retain(now.shards().keySet());
        obstacles.keySet().retainAll(now.shards().keySet());
        looks.keySet().retainAll(now.shards().keySet());
        if (tables.isEmpty()) {
            fences.nothingToFence(now.shards().keySet());
            return tasks;
        }
        for (ShardId shard : now.shards().keySet()) {
            Look before = looks.get(shard);
            if (before == null || before.task().isDone()) {
                var task = new CompletableFuture<Void>();
                looks.put(shard, new Look(task, System.nanoTime()));
                tasks.add(task);
                Thread.ofVirtual()
                        .name("reference-look")
                        .start(() -> {
                            try {
                                look(now, shard, tables);
                            } finally {
                                task.complete(null);
                            }
                        });
            } else if (System.nanoTime() - before.begunNanos()
                    > settings.writeTimeout().toNanos()) {
                away(now, shard, "it does not answer");
            }
        }
        return tasks;
    }

    private static Set<ReferenceTable> tables(Topology topology) {
        var tables = new HashSet<ReferenceTable>();
        for (Keyspace keyspace : topology.keyspaces().values()) {
            keyspace.tables()
                    .values()
                    .forEach(entry -> {
                        if (entry.isCopied()) {
                            tables.add(new ReferenceTable(keyspace.name(), entry.name()));
                        }
                    });
        }
        return tables;
    }

    private void look(Topology now, ShardId shard, Set<ReferenceTable> tables) {
        Map<ReferenceTable, CopyNumber> here;
        try (Connection connection = source.open(now.shard(shard).primary())) {
            obstacles.put(shard, CopyTriggers.obstacles(connection, tables));
            here = CopyTable.numbers(connection);
        } catch (SQLException failed) {
            away(now, shard, String.valueOf(failed.getMessage()));
            return;
        }
        troubles.answers(shard);
        if (!shard.equals(now.defaultShard())) {
            // Read after the copy's: it cannot have been behind if it is not behind these.
            expected(now).ifPresent(numbers -> compare(shard, tables, here, numbers));
        }
    }

    private void away(Topology now, ShardId shard, String why) {
        if (!shard.equals(now.defaultShard())) {
            fences.fenceAll(shard);
        }
        troubles.tell(shard, Optional.empty(), CopyTroubles.Kind.AWAY, why);
    }

    /**
     * Empty while the default shard is away: then nothing is decided, and what was known of the
     * other copies stays so.
     */
    private Optional<Map<ReferenceTable, CopyNumber>> expected(Topology now) {
        try (Connection first = source.open(now.shard(now.defaultShard()).primary())) {
            return Optional.of(CopyTable.numbers(first));
        } catch (SQLException failed) {
            away(now, now.defaultShard(), String.valueOf(failed.getMessage()));
            return Optional.empty();
        }
    }

    private void compare(
            ShardId shard,
            Set<ReferenceTable> tables,
            Map<ReferenceTable, CopyNumber> here,
            Map<ReferenceTable, CopyNumber> expected) {
        var suspects = new HashSet<ReferenceTable>();
        for (ReferenceTable table : tables) {
            CopyNumber number = here.getOrDefault(table, CopyNumber.NONE);
            if (fences.isFenced(shard, table)
                    || !number.equals(expected.getOrDefault(table, CopyNumber.NONE))) {
                suspects.add(table);
            }
        }
        fences.asked(shard, suspects);
        settler.start(shard, suspects);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
